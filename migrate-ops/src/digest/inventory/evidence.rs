//! What is kept of an inventory.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What a database has besides the rows of its tables.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inventory {
    /// By kind and name: a digest of the definition.
    pub objects: BTreeMap<String, BTreeMap<String, String>>,
    /// By name: sequences, and what counts for AUTO_INCREMENT and AUTOINCREMENT under the name of the
    /// table.
    pub sequences: BTreeMap<String, SequenceState>,
}

impl Inventory {
    /// How many objects of a kind there are.
    pub fn count(&self, kind: &str) -> usize {
        self.objects.get(kind).map_or(0, BTreeMap::len)
    }
}

/// Where a sequence stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SequenceState {
    /// The value that it last gave, on MySQL and MariaDB the one that it gives next; `None` where it
    /// has given none.
    pub value: Option<i64>,
    /// Whether it counts down.
    pub descending: bool,
}
