//! The names that databases choose for what has none.
//!
//! PostgreSQL's rules are those of `makeObjectName`, `ChooseRelationName`, `ChooseConstraintName` and
//! `ChooseIndexColumnNames` in its sources (`commands/indexcmds.c`, `catalog/pg_constraint.c`); MySQL's
//! and MariaDB's those of `make_unique_key_name` and of InnoDB's `dict_create_add_foreign_id`. `tests/` compares them with real servers.

use migrate_core::Dialect;

use super::{Class, Schema, Table};
use crate::change::{IndexPart, PartKind};
use crate::name::QualifiedName;

/// The longest identifier that PostgreSQL keeps, in bytes.
const LONGEST: usize = 63;

/// `table_column_label` as PostgreSQL makes it: where it is too long, the longer of the first two
/// parts is cut until it fits.
pub(crate) fn object_name(first: &str, second: Option<&str>, label: &str) -> String {
    let overhead = label.len() + 1 + usize::from(second.is_some());
    let available = LONGEST.saturating_sub(overhead);
    let (mut one, mut two) = (first.len(), second.map_or(0, str::len));
    while one + two > available {
        if one > two {
            one -= 1;
        } else {
            two -= 1;
        }
    }
    let mut name = clip(first, one).to_owned();
    if let Some(second) = second {
        name.push('_');
        name.push_str(clip(second, two));
    }
    name.push('_');
    name.push_str(label);
    name
}

/// At most so many bytes, never half a character.
fn clip(text: &str, mut bytes: usize) -> &str {
    bytes = bytes.min(text.len());
    while !text.is_char_boundary(bytes) {
        bytes -= 1;
    }
    &text[..bytes]
}

/// The middle part of an index's or key's name: its columns' names with underscores between,
/// until it is too long anyway.
pub(super) fn columns_part<'a>(columns: impl IntoIterator<Item = &'a str>) -> String {
    let mut part = String::new();
    for column in columns {
        if !part.is_empty() {
            part.push('_');
        }
        part.push_str(clip(column, LONGEST));
        if part.len() > LONGEST {
            break;
        }
    }
    part
}

/// The names that an index's columns have inside of it: a column's own, `expr` or a function's name
/// for an expression, with a number where one comes twice.
fn index_columns(parts: &[IndexPart], include: &[crate::name::Ident]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let parts = parts.iter().map(|part| match &part.kind {
        PartKind::Column(column) => column.name.clone(),
        PartKind::Expression(expression) => {
            expression_name(&expression.text).unwrap_or_else(|| "expr".to_owned())
        }
    });
    for wanted in parts.chain(include.iter().map(|column| column.name.clone())) {
        let mut name = wanted.clone();
        let mut number = 0;
        while names.contains(&name) {
            number += 1;
            let digits = number.to_string();
            name = format!("{}{digits}", clip(&wanted, LONGEST - digits.len()));
        }
        names.push(name);
    }
    names
}

/// The name that PostgreSQL gives to the result of an expression: that of the function that is
/// called or the column that is cast; `None` where it has none.
fn expression_name(text: &str) -> Option<String> {
    let mut text = text.trim();
    // Parentheses around all of it do not count.
    while let Some(inner) = text
        .strip_prefix('(')
        .filter(|rest| closing(rest) == Some(rest.len() - 1))
    {
        text = inner[..inner.len() - 1].trim();
    }
    // A cast is named after what it casts.
    if let Some((inner, target)) = text.rsplit_once("::")
        && balanced(inner)
        && target
            .chars()
            .all(|c| c.is_alphanumeric() || "_ ()[],\"".contains(c))
    {
        return expression_name(inner);
    }
    let end = text
        .find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$' || c == '.'))
        .unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    let name = name.rsplit('.').next().unwrap_or(name);
    if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let rest = rest.trim_start();
    let lower = name.to_lowercase();
    if lower == "case" {
        // Named after what stands behind ELSE, where that has a name.
        let last = rest.trim_end();
        let last = last.get(..last.len().saturating_sub(3)).unwrap_or_default();
        return last
            .to_lowercase()
            .rsplit_once("else ")
            .and_then(|(_, value)| expression_name(value))
            .or(Some(lower));
    }
    if rest.is_empty() {
        return Some(lower);
    }
    let arguments = rest.strip_prefix('(')?;
    (closing(arguments)? == arguments.len() - 1).then_some(lower)
}

/// Where the parenthesis that is open at the start of `text` closes.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 1usize;
    let mut quote = None;
    for (index, c) in text.char_indices() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(c),
            (None, '(') => depth += 1,
            (None, ')') => {
                depth -= 1;
                if depth == 0 {
                    return Some(index);
                }
            }
            _ => {}
        }
    }
    None
}

fn balanced(text: &str) -> bool {
    text.matches('(').count() == text.matches(')').count()
        && text.matches('\'').count().is_multiple_of(2)
}

impl Schema {
    /// A name for an index, key or sequence that no relation of the schema has (and, where it is a
    /// constraint's too, no constraint).
    pub(super) fn choose_relation_name(
        &self,
        schema: Option<&str>,
        first: &str,
        second: Option<&str>,
        label: &str,
        constraint: bool,
    ) -> String {
        self.first_free(schema, first, second, label, |name| {
            self.relation_exists(name) || (constraint && self.has_constraint(name))
        })
    }

    /// A name for a check or foreign key that no constraint of the schema has.
    pub(super) fn choose_constraint_name(
        &self,
        schema: Option<&str>,
        first: &str,
        second: Option<&str>,
        label: &str,
    ) -> String {
        self.first_free(schema, first, second, label, |name| {
            self.has_constraint(name)
        })
    }

    fn first_free(
        &self,
        schema: Option<&str>,
        first: &str,
        second: Option<&str>,
        label: &str,
        taken: impl Fn(&QualifiedName) -> bool,
    ) -> String {
        let mut label_with_number = label.to_owned();
        let mut number = 0u32;
        loop {
            let name = QualifiedName {
                schema: schema.map(str::to_owned),
                name: object_name(first, second, &label_with_number),
            };
            if !taken(&name) {
                return name.name;
            }
            number += 1;
            label_with_number = format!("{label}{number}");
        }
    }

    /// Whether a table, view, sequence or index has that name.
    pub(super) fn relation_exists(&self, name: &QualifiedName) -> bool {
        self.get(&self.id(Class::Relation, name)).is_some() || self.index_owner(name).is_some()
    }

    /// The name that the database gives to an index of `table`.
    pub(super) fn choose_index_name(
        &self,
        table: &QualifiedName,
        existing: &Table,
        parts: &[IndexPart],
        include: &[crate::name::Ident],
        label: &str,
    ) -> String {
        match self.dialect {
            Dialect::Mysql => mysql_index_name(existing, parts.first()),
            // What stands for a key has no name there that anybody may use.
            Dialect::Sqlite => String::new(),
            _ => {
                let columns = index_columns(parts, include);
                let middle = columns_part(columns.iter().map(String::as_str));
                self.choose_relation_name(
                    table.schema.as_deref(),
                    &table.name,
                    Some(&middle),
                    label,
                    label != "idx",
                )
            }
        }
    }
}

/// MySQL and MariaDB name an index after its first column, with `_2` and so on where that is taken.
fn mysql_index_name(table: &Table, first: Option<&IndexPart>) -> String {
    let first = match first.map(|part| &part.kind) {
        Some(PartKind::Column(column)) => column.name.as_str(),
        _ => "functional_index",
    };
    let taken = |name: &str| {
        name.eq_ignore_ascii_case("PRIMARY")
            || table
                .indexes
                .iter()
                .any(|index| super::same_name(Dialect::Mysql, &index.name, name))
    };
    if !taken(first) {
        return first.to_owned();
    }
    (2u32..)
        .map(|number| format!("{first}_{number}"))
        .find(|name| !taken(name))
        .unwrap_or_default()
}

/// The name of an InnoDB foreign key: one more than the highest number in use.
pub(super) fn mysql_foreign_key_name(table: &Table) -> String {
    let prefix = format!("{}_ibfk_", table.name.name);
    let highest = table
        .foreign_keys
        .iter()
        .filter_map(|key| key.name.strip_prefix(&prefix)?.parse::<u32>().ok())
        .max()
        .unwrap_or(0);
    format!("{prefix}{}", highest + 1)
}

/// The name of a check that MariaDB chooses.
pub(super) fn mariadb_check_name(table: &Table) -> String {
    (1u32..)
        .map(|number| format!("CONSTRAINT_{number}"))
        .find(|name| table.constraints.iter().all(|it| it.name != *name))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_cut_where_they_are_longest() {
        assert_eq!(
            object_name("users", Some("email"), "key"),
            "users_email_key"
        );
        assert_eq!(object_name("users", None, "pkey"), "users_pkey");
        let long = "a".repeat(63);
        assert_eq!(
            object_name(&long, Some("b"), "idx"),
            format!("{}_b_idx", "a".repeat(57))
        );
        let name = object_name(&long, Some(&"b".repeat(63)), "fkey");
        assert_eq!(name, format!("{}_{}_fkey", "a".repeat(29), "b".repeat(28)));
        // Half a character is left out.
        let name = object_name(&"ä".repeat(31), None, "pkey");
        assert_eq!(name, format!("{}_pkey", "ä".repeat(29)));
    }

    #[test]
    fn expressions_are_named_after_their_function() {
        let name = |text| expression_name(text);
        assert_eq!(name("lower(email)").as_deref(), Some("lower"));
        assert_eq!(name("(lower((email)))").as_deref(), Some("lower"));
        assert_eq!(
            name("date_trunc('day', at)::date").as_deref(),
            Some("date_trunc")
        );
        assert_eq!(name("COALESCE(a, b)").as_deref(), Some("coalesce"));
        assert_eq!(name("CASE WHEN a THEN 1 ELSE b END").as_deref(), Some("b"));
        assert_eq!(name("CASE WHEN a THEN 1 END").as_deref(), Some("case"));
        assert_eq!(name("a || b"), None);
        assert_eq!(name("lower(a) || lower(b)"), None);
        assert_eq!(name("data ->> 'x'"), None);
    }
}
