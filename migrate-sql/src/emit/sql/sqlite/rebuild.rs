//! A table that is made anew with its rows.

use super::super::definition;
use super::super::table_change::TableChange;
use super::super::text::{default, is_constant};
use super::table::columns;
use super::{ChangedTable, DIALECT, Emission};
use crate::name::QualifiedName;
use crate::quoting::quoted;
use crate::schema::{Class, Column, ObjectId};

/// Whether ADD COLUMN and DROP COLUMN do not do it.
pub(super) fn is_needed(change: &TableChange<'_>) -> bool {
    let plain = change.altered.is_empty()
        && change.primary_key.is_empty()
        && change.unique.is_empty()
        && change.foreign_keys.is_empty()
        && change.constraints.is_empty()
        && change.properties.is_empty()
        && change.columns.new.iter().all(|it| can_be_added(it));
    // The index of a unique constraint comes and goes with the table.
    let mut indexes = change.indexes.gone.iter().chain(&change.indexes.new);
    !plain || indexes.any(|it| it.name.is_empty())
}

/// Whether ADD COLUMN takes it whatever the rows: SQLite wants a default that is a constant, not NULL
/// where the column takes none, and stores no generated values.
fn can_be_added(column: &Column) -> bool {
    let constant = column
        .default
        .as_ref()
        .is_none_or(|it| is_constant(&it.text, DIALECT));
    let filled = column.nullable
        || column
            .default
            .as_ref()
            .is_some_and(|it| !it.text.eq_ignore_ascii_case("null"));
    let stored = column.generated.as_ref().is_some_and(|it| it.stored);
    constant && filled && !stored && !column.auto_increment
}

impl Emission<'_> {
    /// Makes the new table beside the old one, copies the rows, and puts it in its place. Indexes
    /// and triggers follow.
    pub(super) fn rebuild(&mut self, changed: &ChangedTable<'_>) {
        let name = &changed.after.name.name;
        let beside = self.free_name(name);
        let Some(create) = definition::of_table_as(changed.after, &beside, DIALECT) else {
            self.out.cannot(format!(
                "cannot rebuild table `{name}`: the statement that makes it is not known"
            ));
            return;
        };
        self.out.add(create);
        let (table, beside) = (quoted(name, DIALECT), quoted(&beside, DIALECT));
        let pairs: Vec<(&String, String)> = changed
            .after
            .columns
            .iter()
            .filter(|it| it.generated.is_none())
            .filter_map(|after| {
                let before = changed.before.columns.iter().find(|it| {
                    it.generated.is_none() && it.name.eq_ignore_ascii_case(&after.name)
                })?;
                Some((&after.name, value(before, after)))
            })
            .collect();
        if !pairs.is_empty() {
            let into = columns(pairs.iter().map(|(name, _)| *name));
            let values: Vec<&str> = pairs.iter().map(|(_, value)| value.as_str()).collect();
            self.out.add(format!(
                "INSERT INTO {beside} ({into})\nSELECT {} FROM {table}",
                values.join(", ")
            ));
        }
        self.out.add(format!("DROP TABLE {table}"));
        self.out
            .add(format!("ALTER TABLE {beside} RENAME TO {table}"));
    }

    /// A name that no table has.
    fn free_name(&self, table: &str) -> String {
        let mut name = format!("new_{table}");
        let taken = |name: &str| {
            let id = ObjectId::new(Class::Relation, QualifiedName::unqualified(name), DIALECT);
            let from = self.plan.from.and_then(|it| it.get(&id));
            from.or_else(|| self.plan.to.get(&id)).is_some()
        };
        while taken(&name) {
            name.push('_');
        }
        name
    }
}

/// What the new column takes from the old one: NULL becomes the default where it may not stay.
fn value(before: &Column, after: &Column) -> String {
    let name = quoted(&before.name, DIALECT);
    match &after.default {
        Some(fill) if before.nullable && !after.nullable => {
            format!("coalesce({name}, {})", default(&fill.text, DIALECT))
        }
        _ => name,
    }
}
