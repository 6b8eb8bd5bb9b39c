//! Comparing two objects of one identity.

use migrate_core::Dialect;

use super::difference::{Difference, What};
use super::quotes::same_statement;
use super::{DiffOptions, table};
use crate::change::TypeKind;
use crate::expression::Expression;
use crate::schema::{Class, Domain, Object, Schema, View};

/// Whether the presence of an object is a fact about the schema: temporary tables are not, nor
/// what the model knows by name only.
pub(super) fn counts(object: &Object) -> bool {
    match object {
        Object::Table(table) => !table.temporary,
        Object::Other(_) => false,
        _ => true,
    }
}

/// What differs between two objects.
pub(super) fn compare(
    expected: &Object,
    actual: &Object,
    dialect: Dialect,
    options: DiffOptions,
) -> Vec<Difference> {
    if !counts(expected) || !counts(actual) {
        return Vec::new();
    }
    if expected.kind() != actual.kind() {
        return vec![
            Difference::of(expected, None, What::Missing),
            Difference::of(actual, None, What::Extra),
        ];
    }
    let mut found = Found {
        object: expected,
        differences: Vec::new(),
    };
    // Texts are compared as they are written; a database writes them anew.
    let written = expected.origin().is_some() && actual.origin().is_some();
    match (expected, actual) {
        (Object::Table(one), Object::Table(other)) => {
            return table::compare(expected, one, other, dialect, options);
        }
        (Object::View(one), Object::View(other)) => {
            found.view(one, other, dialect, written);
            let mut indexes = table::Parts::new(expected, dialect);
            indexes.indexes(&one.indexes, &other.indexes);
            found.differences.extend(indexes.differences);
        }
        (Object::Sequence(one), Object::Sequence(other)) => {
            found.property("type", &one.column_type, &other.column_type);
            let owner = |it: &crate::schema::Sequence| match &it.owned_by {
                Some((table, column)) => format!("{table}.{column}"),
                None => "none".to_owned(),
            };
            found.property("owner", owner(one), owner(other));
        }
        (Object::Type(one), Object::Type(other)) => {
            found.property("definition", kind_text(&one.kind), kind_text(&other.kind));
        }
        (Object::Domain(one), Object::Domain(other)) => found.domain(one, other),
        (Object::Routine(one), Object::Routine(other)) => {
            if let (Some(one), Some(other)) = (&one.returns, &other.returns) {
                found.property("result", one, other);
            }
            if written && one.body != other.body {
                found.differs("body", "as before".to_owned(), "another one".to_owned());
            }
        }
        _ => {}
    }
    found.differences
}

struct Found<'o> {
    object: &'o Object,
    differences: Vec<Difference>,
}

impl Found<'_> {
    fn property(&mut self, property: &'static str, expected: impl ToString, actual: impl ToString) {
        let (expected, actual) = (expected.to_string(), actual.to_string());
        if expected != actual {
            self.differs(property, expected, actual);
        }
    }

    fn differs(&mut self, property: &'static str, expected: String, actual: String) {
        self.differences.push(Difference::of(
            self.object,
            None,
            What::Differs {
                property,
                expected,
                actual,
            },
        ));
    }

    fn view(&mut self, one: &View, other: &View, dialect: Dialect, written: bool) {
        if let (Some(one), Some(other)) = (&one.columns, &other.columns) {
            self.property("columns", one.join(", "), other.join(", "));
        }
        let statements = (one.statement.as_deref(), other.statement.as_deref());
        if written && one.text != other.text && !same_statement(dialect, statements.0, statements.1)
        {
            self.differs("query", "as before".to_owned(), "another one".to_owned());
        }
    }

    fn domain(&mut self, one: &Domain, other: &Domain) {
        self.property("type", &one.base, &other.base);
        self.property("NOT NULL", one.not_null, other.not_null);
        if one.default != other.default {
            self.differs(
                "default",
                shown(one.default.as_ref()),
                shown(other.default.as_ref()),
            );
        }
        let checks = |domain: &Domain| {
            let mut names: Vec<&str> = domain.checks.iter().map(|it| it.name.as_str()).collect();
            names.sort_unstable();
            if names.is_empty() {
                "none".to_owned()
            } else {
                names.join(", ")
            }
        };
        self.property("checks", checks(one), checks(other));
    }
}

/// An expression, or that there is none.
pub(super) fn shown(expression: Option<&Expression>) -> String {
    expression.map_or_else(|| "none".to_owned(), |it| it.text.clone())
}

fn kind_text(kind: &TypeKind) -> String {
    match kind {
        TypeKind::Enum(values) => format!("enum ({})", values.join(", ")),
        TypeKind::Composite(fields) => {
            let fields: Vec<String> = fields
                .iter()
                .map(|(name, column_type)| format!("{name} {column_type}"))
                .collect();
            format!("({})", fields.join(", "))
        }
        TypeKind::Range => "range".to_owned(),
        TypeKind::Base => "base type".to_owned(),
    }
}

/// Whether a difference only follows from another one: the sequence of a table or column that is
/// itself missing or extra. `schema` has the object, `other` has not.
pub(super) fn follows(difference: &Difference, schema: &Schema, other: &Schema) -> bool {
    if difference.part.is_some() {
        return false;
    }
    let id = schema.id(Class::Relation, &difference.name);
    let Some(Object::Sequence(sequence)) = schema.get(&id) else {
        return false;
    };
    let Some((table, column)) = &sequence.owned_by else {
        return false;
    };
    other
        .table(table)
        .is_none_or(|table| table.columns.iter().all(|it| it.name != *column))
}
