//! What differs between two inventories.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

use super::evidence::{Inventory, SequenceState};

/// Something besides rows in which two databases differ.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "difference", rename_all = "snake_case")]
#[non_exhaustive]
pub enum InventoryDifference {
    /// It is gone.
    Missing {
        /// Its kind: "view".
        kind: String,
        /// Its name.
        name: String,
    },
    /// It is new.
    New {
        /// Its kind.
        kind: String,
        /// Its name.
        name: String,
    },
    /// It is defined otherwise.
    Changed {
        /// Its kind.
        kind: String,
        /// Its name.
        name: String,
    },
    /// A sequence stands behind where it stood, and would give values again.
    SequenceBehind {
        /// The sequence.
        name: String,
        /// Where it stood.
        before: i64,
        /// Where it stands; `None` at its start.
        after: Option<i64>,
    },
}

impl fmt::Display for InventoryDifference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            InventoryDifference::Missing { kind, name } => write!(f, "{kind} {name} is missing"),
            InventoryDifference::New { kind, name } => write!(f, "{kind} {name} is new"),
            InventoryDifference::Changed { kind, name } => {
                write!(f, "{kind} {name} is defined otherwise")
            }
            InventoryDifference::SequenceBehind {
                name,
                before,
                after,
            } => match after {
                Some(after) => write!(f, "sequence {name} is at {after}, behind {before}"),
                None => write!(f, "sequence {name} is at its start, behind {before}"),
            },
        }
    }
}

/// What differs. A sequence may have gone on; it may not stand behind where it stood.
pub fn compare_inventories(before: &Inventory, after: &Inventory) -> Vec<InventoryDifference> {
    let mut found = Vec::new();
    let none = BTreeMap::new();
    for kind in both(&before.objects, &after.objects) {
        let of = |inventory: &Inventory| inventory.objects.get(kind).unwrap_or(&none).clone();
        let (was, is) = (of(before), of(after));
        for name in both(&was, &is) {
            let (kind, name) = (kind.clone(), name.clone());
            match (was.get(&name), is.get(&name)) {
                (Some(_), None) => found.push(InventoryDifference::Missing { kind, name }),
                (None, Some(_)) => found.push(InventoryDifference::New { kind, name }),
                (was, is) if was != is => found.push(InventoryDifference::Changed { kind, name }),
                _ => {}
            }
        }
    }
    for name in both(&before.sequences, &after.sequences) {
        let (kind, name) = ("sequence".to_owned(), name.clone());
        match (before.sequences.get(&name), after.sequences.get(&name)) {
            (Some(_), None) => found.push(InventoryDifference::Missing { kind, name }),
            (None, Some(_)) => found.push(InventoryDifference::New { kind, name }),
            (Some(was), Some(is)) => found.extend(behind(name, *was, *is)),
            (None, None) => {}
        }
    }
    found
}

fn behind(name: String, was: SequenceState, is: SequenceState) -> Option<InventoryDifference> {
    let before = was.value?;
    let is_behind = match is.value {
        Some(after) if was.descending => after > before,
        Some(after) => after < before,
        None => true,
    };
    is_behind.then_some(InventoryDifference::SequenceBehind {
        name,
        before,
        after: is.value,
    })
}

/// The names in either map.
fn both<'a, T>(a: &'a BTreeMap<String, T>, b: &'a BTreeMap<String, T>) -> BTreeSet<&'a String> {
    a.keys().chain(b.keys()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sequence(value: Option<i64>, descending: bool) -> Inventory {
        let state = SequenceState { value, descending };
        Inventory {
            sequences: [("s".to_owned(), state)].into(),
            ..Inventory::default()
        }
    }

    #[test]
    fn sequences_may_go_on() {
        let cases = [
            (Some(5), Some(5), false, 0),
            (Some(5), Some(6), false, 0),
            (Some(5), Some(4), false, 1),
            (Some(5), None, false, 1),
            (None, Some(1), false, 0),
            (Some(-5), Some(-6), true, 0),
            (Some(-5), Some(-4), true, 1),
        ];
        for (before, after, descending, count) in cases {
            let (before, after) = (sequence(before, descending), sequence(after, descending));
            assert_eq!(compare_inventories(&before, &after).len(), count);
        }
    }
}
