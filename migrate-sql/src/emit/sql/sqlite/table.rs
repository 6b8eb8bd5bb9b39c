//! Tables that are made, dropped or get and lose plain columns, and indexes.

use super::super::order::by_need;
use super::super::text::{default, enclosed};
use super::rebuild::is_needed;
use super::{ChangedTable, DIALECT, Emission};
use crate::quoting::{list, quoted};
use crate::schema::{Column, Index, Object, Table};

/// What the tables that SQLite keeps behind a virtual one end with.
const SHADOWS: &[&str] = &[
    "_config",
    "_content",
    "_data",
    "_docsize",
    "_idx",
    "_node",
    "_parent",
    "_rowid",
    "_segdir",
    "_segments",
    "_stat",
];

impl Emission<'_> {
    pub(super) fn drop_tables(&mut self) {
        let dropped = self.plan.dropped.iter().filter_map(|it| match it {
            Object::Table(table) => Some(table),
            _ => None,
        });
        let dropped: Vec<&Table> = dropped.collect();
        let shadowed = virtual_names(&dropped);
        // What references goes before what is referenced.
        let mut tables = by_need(dropped, |one, other| references(one, other));
        tables.reverse();
        for table in tables {
            if is_shadow(table, &shadowed) {
                continue;
            }
            let name = quoted(&table.name.name, DIALECT);
            self.out.add(format!("DROP TABLE {name}"));
        }
    }

    pub(super) fn create_tables(&mut self) {
        let made = self.plan.made.iter().filter_map(|it| match it {
            Object::Table(table) => Some(table),
            _ => None,
        });
        let made: Vec<&Table> = made.collect();
        let shadowed = virtual_names(&made);
        for table in by_need(made, |one, other| references(one, other)) {
            if !is_shadow(table, &shadowed) {
                let what = format_args!("table `{}`", table.name);
                self.out.create(what, table.statement.clone());
            }
        }
    }

    pub(super) fn drop_indexes(&mut self) {
        let gone = self
            .tables
            .iter()
            .filter(|it| !is_needed(&it.change))
            .flat_map(|it| &it.change.indexes.gone);
        let statements: Vec<String> = gone
            .map(|index| format!("DROP INDEX {}", quoted(&index.name, DIALECT)))
            .collect();
        self.out.statements.extend(statements);
    }

    pub(super) fn create_indexes(&mut self) {
        let mut indexes: Vec<(&Table, &Index)> = Vec::new();
        for object in &self.plan.made {
            if let Object::Table(table) = object {
                indexes.extend(table.indexes.iter().map(|it| (table, it)));
            }
        }
        for changed in &self.tables {
            let after = changed.after;
            match is_needed(&changed.change) {
                true => indexes.extend(after.indexes.iter().map(|it| (after, it))),
                false => {
                    let new = changed.change.indexes.new.iter();
                    indexes.extend(new.map(|it| (after, *it)));
                }
            }
        }
        let statements: Vec<String> = indexes
            .into_iter()
            // Those of unique constraints come with their table.
            .filter(|(_, index)| !index.name.is_empty())
            .map(|(table, index)| create_index(table, index))
            .collect();
        self.out.statements.extend(statements);
    }

    /// Adds and drops columns.
    pub(super) fn alter(&mut self, changed: &ChangedTable<'_>) {
        let table = quoted(&changed.after.name.name, DIALECT);
        for column in &changed.change.columns.gone {
            let name = quoted(&column.name, DIALECT);
            self.out
                .add(format!("ALTER TABLE {table} DROP COLUMN {name}"));
        }
        for column in &changed.change.columns.new {
            let definition = column_definition(column);
            self.out
                .add(format!("ALTER TABLE {table} ADD COLUMN {definition}"));
        }
    }
}

fn references(one: &Table, other: &Table) -> bool {
    one.foreign_keys
        .iter()
        .any(|key| key.references.name.eq_ignore_ascii_case(&other.name.name))
}

fn virtual_names(tables: &[&Table]) -> Vec<String> {
    tables
        .iter()
        .filter(|table| {
            let statement = table.statement.as_deref().unwrap_or_default();
            let mut words = statement.split_whitespace().skip(1);
            words
                .next()
                .is_some_and(|it| it.eq_ignore_ascii_case("virtual"))
        })
        .map(|table| table.name.name.clone())
        .collect()
}

fn is_shadow(table: &Table, virtual_names: &[String]) -> bool {
    virtual_names.iter().any(|name| {
        table
            .name
            .name
            .strip_prefix(name.as_str())
            .is_some_and(|rest| SHADOWS.contains(&rest))
    })
}

/// A plain column, as ADD COLUMN takes it.
fn column_definition(column: &Column) -> String {
    let mut text = quoted(&column.name, DIALECT);
    if let Some(column_type) = &column.column_type {
        text.push_str(&format!(" {column_type}"));
    }
    if let Some(collation) = &column.collation {
        text.push_str(&format!(" COLLATE {collation}"));
    }
    if let Some(generated) = &column.generated {
        let expression = enclosed(&generated.expression.text, DIALECT);
        text.push_str(&format!(" GENERATED ALWAYS AS {expression} VIRTUAL"));
    }
    if !column.nullable {
        text.push_str(" NOT NULL");
    }
    if let Some(value) = &column.default {
        text.push_str(&format!(" DEFAULT {}", default(&value.text, DIALECT)));
    }
    text
}

fn create_index(table: &Table, index: &Index) -> String {
    let unique = if index.unique { "UNIQUE " } else { "" };
    let keys: Vec<String> = index
        .keys
        .iter()
        .map(|key| {
            let mut text = match (&key.column, &key.expression) {
                (Some(column), _) => quoted(column, DIALECT),
                (None, Some(expression)) => expression.text.clone(),
                (None, None) => String::new(),
            };
            let own = key.column.as_ref().and_then(|name| {
                let mut columns = table.columns.iter();
                columns
                    .find(|it| it.name.eq_ignore_ascii_case(name))
                    .and_then(|it| it.collation.as_ref())
            });
            match (&key.collation, own) {
                (Some(one), Some(own)) if one.eq_ignore_ascii_case(own) => {}
                (Some(collation), _) => text.push_str(&format!(" COLLATE {collation}")),
                (None, Some(_)) => text.push_str(" COLLATE BINARY"),
                (None, None) => {}
            }
            if key.descending {
                text.push_str(" DESC");
            }
            text
        })
        .collect();
    let mut text = format!(
        "CREATE {unique}INDEX {} ON {} ({})",
        quoted(&index.name, DIALECT),
        quoted(&table.name.name, DIALECT),
        keys.join(", ")
    );
    if let Some(predicate) = &index.predicate {
        text.push_str(&format!(" WHERE {}", predicate.text));
    }
    text
}

/// Names with commas between them.
pub(super) fn columns<'a>(names: impl IntoIterator<Item = &'a String>) -> String {
    list(names, DIALECT)
}
