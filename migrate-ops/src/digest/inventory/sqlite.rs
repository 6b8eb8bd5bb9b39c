//! SQLite keeps the text of every definition.

use diesel::connection::LoadConnection;
use diesel::sqlite::Sqlite;
use migrate_runtime::Database;

use super::evidence::Inventory;
use super::{DigestError, Entries};

pub(in crate::digest) fn read<C: LoadConnection<Backend = Sqlite>>(
    conn: &mut C,
) -> Result<Inventory, DigestError> {
    let mut entries = Entries::default();
    let sql = "SELECT type, name, sql FROM main.sqlite_master WHERE sql IS NOT NULL \
               AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";
    entries.add(Sqlite::rows(conn, sql).map_err(DigestError::of("the objects"))?)?;
    // The table is there once a table has AUTOINCREMENT.
    let there = "SELECT name FROM main.sqlite_master WHERE name = 'sqlite_sequence'";
    let reading = "the sequences";
    if !Sqlite::rows(conn, there)
        .map_err(DigestError::of(reading))?
        .is_empty()
    {
        let sql = "SELECT name, CAST(seq AS TEXT), '1' FROM main.sqlite_sequence";
        entries.add_sequences(Sqlite::rows(conn, sql).map_err(DigestError::of(reading))?);
    }
    Ok(entries.done())
}
