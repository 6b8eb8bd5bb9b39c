//! Rust code of migrations.

use diesel::connection::LoadConnection;
use migrate_core::Direction;

use crate::database::Database;

/// What Rust code of a migration may fail with.
pub type CodeError = Box<dyn std::error::Error + Send + Sync>;

/// The Rust code of a set of migrations; `embed_migrations!` writes the implementation.
///
/// It is a type and not a list of function pointers so that the code stays generic over the
/// connection: the same `up` runs on a plain connection, a pooled one and the command's own.
pub trait Code<DB: Database>: 'static {
    /// Whether there is code for a direction of a migration, given by its index in the set.
    fn has(migration: usize, direction: Direction) -> bool;

    /// Whether that code may run a second time after its transaction was rolled back because of a
    /// lock timeout.
    fn repeatable(migration: usize, direction: Direction) -> bool;

    /// Runs it.
    ///
    /// # Errors
    /// Whatever the code returns.
    fn run<C: LoadConnection<Backend = DB>>(
        migration: usize,
        direction: Direction,
        conn: &mut C,
    ) -> Result<(), CodeError>;
}

/// No Rust code: all migrations are SQL, or this program does not have their code.
#[derive(Clone, Copy, Debug)]
pub enum SqlOnly {}

impl<DB: Database> Code<DB> for SqlOnly {
    fn has(_: usize, _: Direction) -> bool {
        false
    }

    fn repeatable(_: usize, _: Direction) -> bool {
        false
    }

    fn run<C: LoadConnection<Backend = DB>>(
        migration: usize,
        direction: Direction,
        _: &mut C,
    ) -> Result<(), CodeError> {
        Err(format!("no Rust code for migration {migration} {direction}").into())
    }
}
