//! What a database has besides the rows of its tables.

use migrate_core::Dialect;
use migrate_sql::diff;
use migrate_sql::schema::Schema;

use super::engine::Place;
use super::error::BackupError;
use super::options::Options;
use super::restore::Target;
use crate::connect::Engine;
use crate::digest::{Inventory, InventoryDifference, compare_inventories, inventory};

/// What a database has besides the rows of its tables: the model, which knows how its parts belong
/// together, and the inventory, which knows every definition.
#[derive(Debug)]
pub(crate) struct Definitions {
    pub(crate) schema: Schema,
    inventory: Inventory,
}

impl Definitions {
    pub(crate) fn read<DB: Engine>(
        place: &Place<'_, DB>,
        options: &Options,
    ) -> Result<Self, BackupError> {
        Self::read_from::<DB>(&mut place.connect()?, options)
    }

    pub(crate) fn read_from<DB: Engine>(
        connection: &mut DB::Connection,
        options: &Options,
    ) -> Result<Self, BackupError> {
        Ok(Definitions {
            schema: DB::introspect(connection, &options.schema)?,
            inventory: inventory::<DB, _>(connection)?,
        })
    }

    /// What somebody changed since; that sequences go on is no change.
    pub(crate) fn changes(&self, now: &Definitions) -> Vec<String> {
        self.differences(now, |difference| {
            !matches!(difference, InventoryDifference::SequenceBehind { .. })
                && kind(difference) != Some("grant")
        })
    }

    /// In what a copy differs, as far as a copy of its kind can be the same.
    pub(crate) fn lost_in(&self, copy: &Definitions, target: Target) -> Vec<String> {
        let kept_apart: &[&str] = match (self.schema.dialect(), target) {
            (Dialect::Mysql, _) => &["grant"],
            (_, Target::Scratch) => &["grant", "owner"],
            _ => &[],
        };
        self.differences(copy, |difference| {
            kind(difference).is_none_or(|kind| !kept_apart.contains(&kind))
        })
    }

    fn differences(
        &self,
        other: &Definitions,
        counts: impl Fn(&InventoryDifference) -> bool,
    ) -> Vec<String> {
        let found: Vec<String> = compare_inventories(&self.inventory, &other.inventory)
            .iter()
            .filter(|difference| counts(difference))
            .map(ToString::to_string)
            .collect();
        if !found.is_empty() {
            return found;
        }
        // What the inventory has no kind for, as schemas and extensions.
        let found = diff::diff(&self.schema, &other.schema);
        found.iter().map(ToString::to_string).collect()
    }
}

fn kind(difference: &InventoryDifference) -> Option<&str> {
    match difference {
        InventoryDifference::Missing { kind, .. }
        | InventoryDifference::New { kind, .. }
        | InventoryDifference::Changed { kind, .. } => Some(kind),
        _ => None,
    }
}
