//! Names as they stand in SQL, quoted where they have to be.

mod reserved;

use migrate_core::Dialect;

use crate::name::QualifiedName;
use reserved::is_reserved;

/// A name of a column, constraint and the like.
pub(crate) fn quoted(name: &str, dialect: Dialect) -> String {
    // PostgreSQL folds what is not quoted.
    let is_plain = |c: char| match dialect {
        Dialect::Postgres => c.is_ascii_lowercase(),
        _ => c.is_ascii_alphabetic(),
    };
    let plain = name.starts_with(|c| is_plain(c) || c == '_')
        && name
            .chars()
            .all(|c| is_plain(c) || c.is_ascii_digit() || c == '_')
        && !is_reserved(name, dialect);
    match plain {
        true => name.to_owned(),
        false => dialect.quote_identifier(name),
    }
}

/// The name of an object, with its schema where it is not in the default one.
pub(crate) fn qualified(name: &QualifiedName, dialect: Dialect) -> String {
    match &name.schema {
        Some(schema) => format!(
            "{}.{}",
            quoted(schema, dialect),
            quoted(&name.name, dialect)
        ),
        None => quoted(&name.name, dialect),
    }
}

/// Names with commas between them.
pub(crate) fn list<'a>(names: impl IntoIterator<Item = &'a String>, dialect: Dialect) -> String {
    let names: Vec<String> = names.into_iter().map(|it| quoted(it, dialect)).collect();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_quoted_where_they_have_to_be() {
        for (name, dialect, expected) in [
            ("users", Dialect::Postgres, "users"),
            ("_1", Dialect::Postgres, "_1"),
            ("Users", Dialect::Postgres, "\"Users\""),
            ("Users", Dialect::Mysql, "Users"),
            ("order", Dialect::Mysql, "`order`"),
            ("lines", Dialect::Postgres, "lines"),
            ("lines", Dialect::Mysql, "`lines`"),
            ("Order", Dialect::Sqlite, "\"Order\""),
            ("a b", Dialect::Sqlite, "\"a b\""),
            ("1a", Dialect::Postgres, "\"1a\""),
            ("", Dialect::Postgres, "\"\""),
            ("é", Dialect::Postgres, "\"é\""),
        ] {
            assert_eq!(quoted(name, dialect), expected);
        }
    }
}
