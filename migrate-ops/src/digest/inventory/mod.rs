//! What a database has besides the rows of its tables: views, routines, triggers, events, sequences,
//! columns, indexes, rights. Definitions are kept as digests, so that two databases can be compared
//! and nothing of their text leaves them.

mod difference;
mod evidence;
pub(super) mod mysql;
pub(super) mod postgres;
pub(super) mod sqlite;

pub use difference::{InventoryDifference, compare_inventories};
pub use evidence::{Inventory, SequenceState};

use diesel::connection::LoadConnection;
use sha2::{Digest as _, Sha256};

use super::error::DigestError;
use super::read::Digest;

/// Reads the inventory of the database that a connection is to, pinned as
/// [`digest`](super::digest) is.
///
/// The kinds are: on PostgreSQL `view`, `materialized view`, `column`, `index`, `constraint`,
/// `trigger`, `event trigger`, `rule`, `policy`, `routine`, `type`, `owner` and `grant`; on MySQL and
/// MariaDB `view`, `column`, `index`, `foreign key`, `trigger`, `routine`, `parameter`, `event` and
/// `grant`; on SQLite `table`, `view`, `index` and `trigger`. What belongs to an extension is left
/// out. Grants on MySQL and MariaDB are those that name this database or something in it: no dump
/// takes them along.
///
/// # Errors
/// What the database says, or a definition that the user may not see.
pub fn inventory<DB: Digest, C: LoadConnection<Backend = DB>>(
    conn: &mut C,
) -> Result<Inventory, DigestError> {
    DB::pinned(conn, |conn| DB::inventory(conn))
}

/// An inventory on its way.
#[derive(Debug, Default)]
pub(super) struct Entries(Inventory);

impl Entries {
    /// Adds rows of kind, name and definition, which is not there where the user may not see it.
    pub(super) fn add(&mut self, rows: Vec<migrate_runtime::Row>) -> Result<(), DigestError> {
        for row in rows {
            let mut row = row.into_iter();
            let mut field = || row.next().flatten();
            let (kind, name) = (field().unwrap_or_default(), field().unwrap_or_default());
            let Some(definition) = field() else {
                let object = format!("{kind} {name}");
                return Err(DigestError::Definition { object });
            };
            let objects = self.0.objects.entry(kind).or_default();
            objects.insert(name, digested(&definition));
        }
        Ok(())
    }

    /// Adds rows of name, value and increment.
    pub(super) fn add_sequences(&mut self, rows: Vec<migrate_runtime::Row>) {
        for row in rows {
            let mut row = row.into_iter();
            let mut field = || row.next().flatten();
            let name = field().unwrap_or_default();
            let state = SequenceState {
                value: field().and_then(|text| text.parse().ok()),
                descending: field().is_some_and(|text| text.starts_with('-')),
            };
            self.0.sequences.insert(name, state);
        }
    }

    pub(super) fn done(self) -> Inventory {
        self.0
    }
}

/// The first 128 bits of SHA-256, in hexadecimal.
fn digested(text: &str) -> String {
    let hash = Sha256::digest(text.as_bytes()).0;
    hash.iter()
        .take(16)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
