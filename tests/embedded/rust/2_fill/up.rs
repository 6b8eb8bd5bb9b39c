//! Adds a user for each that is there.

use migrate_runtime::CodeError;
use migrate_runtime::diesel::connection::LoadConnection;
use migrate_runtime::diesel::sqlite::Sqlite;

/// May be repeated, because its transaction is rolled back.
pub const REPEATABLE: bool = true;

pub fn up<C: LoadConnection<Backend = Sqlite>>(conn: &mut C) -> Result<(), CodeError> {
    conn.batch_execute("INSERT INTO users (name) SELECT name || ' and rust' FROM users")?;
    Ok(())
}
