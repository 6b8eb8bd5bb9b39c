//! Types of columns as a `table!` macro writes them.

use migrate_core::Dialect;

use crate::emit::diesel::{SqlType, is_custom};

/// A type, without the aliases under which diesel knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RustType {
    /// `Nullable<…>`.
    pub(super) nullable: bool,
    array: bool,
    unsigned: bool,
    /// The type under diesel's main name; `None` where it is not diesel's.
    name: Option<String>,
}

/// Names of `diesel::sql_types` for one Rust type each: the name, and that of the type.
const ALIASES: &[(&str, &str)] = &[
    ("Tinyint", "TinyInt"),
    ("Int2", "SmallInt"),
    ("Smallint", "SmallInt"),
    ("SmallSerial", "SmallInt"),
    ("Int4", "Integer"),
    ("Serial", "Integer"),
    ("Int8", "BigInt"),
    ("Bigint", "BigInt"),
    ("BigSerial", "BigInt"),
    ("Float4", "Float"),
    ("Float8", "Double"),
    ("Decimal", "Numeric"),
    ("VarChar", "Text"),
    ("Varchar", "Text"),
    ("Char", "Text"),
    ("Bpchar", "Text"),
    ("Tinytext", "Text"),
    ("Mediumtext", "Text"),
    ("Longtext", "Text"),
    ("Tinyblob", "Binary"),
    ("Blob", "Binary"),
    ("Mediumblob", "Binary"),
    ("Longblob", "Binary"),
    ("Varbinary", "Binary"),
    ("Bit", "Binary"),
    ("Bytea", "Binary"),
    ("Macaddr", "MacAddr"),
    ("Macaddr8", "MacAddr8"),
    ("Int4range", "Range<Integer>"),
    ("Int8range", "Range<BigInt>"),
    ("Daterange", "Range<Date>"),
    ("Numrange", "Range<Numeric>"),
    ("Tsrange", "Range<Timestamp>"),
    ("Tstzrange", "Range<Timestamptz>"),
    ("Int4multirange", "Multirange<Integer>"),
    ("Int8multirange", "Multirange<BigInt>"),
    ("Datemultirange", "Multirange<Date>"),
    ("Nummultirange", "Multirange<Numeric>"),
    ("Tsmultirange", "Multirange<Timestamp>"),
    ("Tstzmultirange", "Multirange<Timestamptz>"),
];

fn main_name(name: &str) -> &str {
    let alias = ALIASES.iter().find(|(alias, _)| *alias == name);
    alias.map_or(name, |(_, main)| main)
}

impl RustType {
    /// Reads the words of a type; `None` where there are none. `foreign` are names that come from
    /// elsewhere than diesel.
    pub(super) fn read(words: &[&str], foreign: &[&str]) -> Option<Self> {
        if words.is_empty() {
            return None;
        }
        let (nullable, words) = inside("Nullable", words, foreign);
        let (array, words) = inside("Array", words, foreign);
        // Whether the elements of an array may be NULL is the app's to say.
        let (_, words) = match array {
            true => inside("Nullable", words, foreign),
            false => (false, words),
        };
        let (unsigned, words) = inside("Unsigned", words, foreign);
        let name = match path(words, foreign) {
            (Some(outer @ ("Range" | "Multirange")), Some(bound)) => match path(bound, foreign) {
                (Some(bound), None) => Some(format!("{outer}<{}>", main_name(bound))),
                _ => None,
            },
            (Some(name), None) => Some(main_name(name).to_owned()),
            _ => None,
        };
        Some(RustType {
            nullable,
            array,
            unsigned,
            name,
        })
    }

    /// Whether it is that type of diesel's, or its wrappers around it.
    pub(super) fn is_named(&self, name: &str) -> bool {
        self.name.as_deref() == Some(name) && !self.array && !self.unsigned
    }

    /// Whether it is one of diesel's types for that database.
    fn is_known(name: &str, dialect: Dialect) -> bool {
        name.contains('<') || !is_custom(name, dialect)
    }

    /// Whether a column whose type the database tells as `theirs` can be declared so, leaving aside
    /// whether it takes NULL.
    pub(super) fn fits(&self, theirs: &SqlType, dialect: Dialect) -> bool {
        // A type of the app's own may stand for anything.
        let Some(ours) = self.name.as_deref() else {
            return true;
        };
        if is_custom(&theirs.name, dialect) {
            return match dialect {
                // The values of many types travel as text.
                Dialect::Postgres => {
                    !Self::is_known(ours, dialect) || matches!(ours, "Text" | "Citext")
                }
                _ => true,
            };
        }
        let theirs_name = main_name(&theirs.name);
        let same =
            ours == theirs_name && (self.array, self.unsigned) == (theirs.array, theirs.unsigned);
        same || match dialect {
            Dialect::Postgres => {
                self.array == theirs.array
                    && match ours {
                        "Text" => theirs_name == "Citext",
                        // PostgreSQL's `"char"`.
                        "CChar" => theirs.sql_name == "char",
                        _ => !Self::is_known(ours, dialect),
                    }
            }
            // What MariaDB keeps as text is a type of its own on MySQL.
            Dialect::Mysql => {
                matches!((ours, theirs_name), ("Json", "Text") | ("Text", "Json"))
                    || !Self::is_known(ours, dialect)
            }
            // The database has no types but those of values: what diesel never prints for it is the
            // app's own choice.
            _ => !SQLITE.contains(&ours),
        }
    }
}

/// The types that diesel prints for SQLite.
const SQLITE: &[&str] = &[
    "BigInt",
    "Binary",
    "Bool",
    "Date",
    "Double",
    "Float",
    "Integer",
    "SmallInt",
    "Text",
    "Time",
    "Timestamp",
];

/// What a type of that name is made of, or the type itself where it has another name.
fn inside<'a, 'w>(outer: &str, words: &'w [&'a str], foreign: &[&str]) -> (bool, &'w [&'a str]) {
    match path(words, foreign) {
        (Some(name), Some(arguments)) if name == outer => (true, arguments),
        _ => (false, words),
    }
}

/// The last name of a path, `None` where it is not one of diesel's types, and what stands between
/// `<` and `>` after it.
fn path<'a, 'w>(
    words: &'w [&'a str],
    foreign: &[&str],
) -> (Option<&'a str>, Option<&'w [&'a str]>) {
    let open = words.iter().position(|word| *word == "<");
    let (path, arguments) = match open {
        Some(open) if words.last() == Some(&">") => {
            (&words[..open], Some(&words[open + 1..words.len() - 1]))
        }
        _ => (words, None),
    };
    let names: Vec<&'a str> = path.iter().copied().filter(|word| *word != "::").collect();
    let name = match names.as_slice() {
        [name] if !foreign.contains(name) => Some(*name),
        ["diesel", .., name] => Some(*name),
        _ => None,
    };
    (name, arguments)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> RustType {
        let words: Vec<&str> = text.split(' ').collect();
        RustType::read(&words, &["Mood"]).unwrap()
    }

    #[test]
    fn aliases_are_one_type() {
        for (a, b) in [
            ("Int4", "Integer"),
            ("diesel :: sql_types :: Varchar", "Text"),
            (
                "Nullable < Array < Nullable < Int8 > > >",
                "Nullable < Array < Bigint > >",
            ),
            (
                "Nullable < Unsigned < Tinyint > >",
                "Nullable < Unsigned < TinyInt > >",
            ),
            ("Tstzrange", "Range < Timestamptz >"),
        ] {
            assert_eq!(read(a), read(b), "{a} {b}");
        }
        assert_ne!(read("Int4"), read("Int8"));
        assert_ne!(read("Int4"), read("Nullable < Int4 >"));
    }

    #[test]
    fn what_is_not_diesels_is_anything() {
        let theirs = |name: &str| SqlType::new(name, name.to_lowercase(), false);
        for own in [
            "Mood",
            "crate :: types :: Text",
            "Mine < Text >",
            "Array < Array < Text > >",
        ] {
            assert_eq!(read(own).name, None, "{own}");
        }
        assert!(read("Mood").fits(&theirs("Integer"), Dialect::Postgres));
        for (ours, sql, dialect, fits) in [
            ("Integer", "Int4", Dialect::Postgres, true),
            ("BigInt", "Int4", Dialect::Postgres, false),
            ("Text", "Mood", Dialect::Postgres, true),
            ("Integer", "Mood", Dialect::Postgres, false),
            ("Text", "Citext", Dialect::Postgres, true),
            ("Citext", "Text", Dialect::Postgres, false),
            ("Range < Integer >", "Int8range", Dialect::Postgres, false),
            ("Json", "Longtext", Dialect::Mysql, true),
            ("Integer", "UsersMoodEnum", Dialect::Mysql, true),
            ("TinyInt", "Bool", Dialect::Mysql, false),
            ("TimestamptzSqlite", "Timestamp", Dialect::Sqlite, true),
            ("Text", "Timestamp", Dialect::Sqlite, false),
        ] {
            assert_eq!(
                read(ours).fits(&theirs(sql), dialect),
                fits,
                "{ours} for {sql}"
            );
        }
    }
}
