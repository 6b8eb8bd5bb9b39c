//! Which tables can be joined without saying how.

use migrate_core::Dialect;

use crate::schema::{ForeignKey, Table, same_name};

use super::{TableDefinition, names};

/// What `joinable!` says: the Rust names of two tables, and the column that leads to the second.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Join {
    /// The table with the foreign key.
    pub child: String,
    /// The table that it refers to.
    pub parent: String,
    /// The column of the foreign key.
    pub column: String,
}

/// The joins among tables of one schema, which come in the order of their names. A foreign key makes
/// one if it has one column, refers to a primary key of one column in another table, and is the only
/// one between the two tables in either direction.
pub(super) fn joins(tables: &[(&Table, TableDefinition)], dialect: Dialect) -> Vec<Join> {
    let links: Vec<Link<'_>> = tables
        .iter()
        .flat_map(|(table, definition)| {
            standing(table).map(move |key| Link {
                child: (table, definition),
                parent: find(tables, key),
                key,
            })
        })
        .collect();
    let mut joins: Vec<_> = links
        .iter()
        .filter_map(|link| {
            let (parent, parent_definition) = link.parent?;
            let (child, definition) = link.child;
            let between = links.iter().filter(|other| other.is_between(child, parent));
            let [column] = link.key.columns.as_slice() else {
                return None;
            };
            if child.name == parent.name
                || between.count() > 1
                || !leads_to_key(link.key, parent, parent_definition, dialect)
            {
                return None;
            }
            Some((
                (&child.name, &parent.name),
                Join {
                    child: definition.rust_name.clone(),
                    parent: parent_definition.rust_name.clone(),
                    column: names::rust_name(column, Some(&definition.rust_name)),
                },
            ))
        })
        .collect();
    joins.sort();
    joins.into_iter().map(|(_, join)| join).collect()
}

/// The foreign keys of a table. Of two with one name the first must be gone: something that the model
/// could not follow has dropped it.
fn standing(table: &Table) -> impl Iterator<Item = &ForeignKey> {
    let keys = &table.foreign_keys;
    keys.iter().enumerate().filter_map(|(at, key)| {
        let replaced = |later: &ForeignKey| !key.name.is_empty() && later.name == key.name;
        (!keys[at + 1..].iter().any(replaced)).then_some(key)
    })
}

struct Link<'a> {
    child: (&'a Table, &'a TableDefinition),
    parent: Option<(&'a Table, &'a TableDefinition)>,
    key: &'a ForeignKey,
}

impl Link<'_> {
    fn is_between(&self, a: &Table, b: &Table) -> bool {
        let ends = (
            &self.child.0.name,
            self.parent.map(|(parent, _)| &parent.name),
        );
        ends == (&a.name, Some(&b.name)) || ends == (&b.name, Some(&a.name))
    }
}

fn find<'a>(
    tables: &'a [(&'a Table, TableDefinition)],
    key: &ForeignKey,
) -> Option<(&'a Table, &'a TableDefinition)> {
    tables
        .iter()
        .find(|(table, _)| table.name == key.references)
        .map(|(table, definition)| (*table, definition))
}

/// Whether it refers to the only column of the primary key.
fn leads_to_key(
    key: &ForeignKey,
    parent: &Table,
    definition: &TableDefinition,
    dialect: Dialect,
) -> bool {
    let [rust_name] = definition.primary_key.as_slice() else {
        return false;
    };
    match (&parent.primary_key, key.referenced_columns.first()) {
        (Some(primary), Some(column)) => primary
            .columns
            .iter()
            .all(|name| same_name(dialect, name, column)),
        // The key of a table without one, on SQLite.
        (None, Some(column)) => names::rust_name(column, Some(&definition.rust_name)) == *rust_name,
        // SQLite, where nothing is written: the primary key is meant.
        (_, None) => true,
    }
}
