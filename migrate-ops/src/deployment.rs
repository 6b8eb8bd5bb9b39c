//! Migrations and the database that they are for.

use std::fmt;

use diesel::QueryResult;
use migrate_core::{MigrationSet, SourceMigration};
use migrate_runtime::{Code, LockKind, Migrator};
use tokio::runtime::Runtime;

use crate::connect::{ConnectError, Connected, DatabaseUrl, Engine, Open};

/// Makes a connection ready before anything is run on it, as by registering functions.
pub type OnConnect<C> = dyn Fn(&mut C) -> QueryResult<()> + Send + Sync;

/// Makes a migrator with the settings that hold, as often as one is needed.
pub type MakeMigrator<'a, DB, K> =
    dyn for<'o> Fn(&'o MigrationSet) -> Migrator<'o, DB, K> + Sync + 'a;

/// Migrations and the database that they are for: what each step of a safe run is handed. The same
/// migrations go to a copy with [`at`](Deployment::at).
pub struct Deployment<'a, DB: Engine, K> {
    /// The migrations.
    pub set: &'a MigrationSet,
    /// The database.
    pub url: &'a DatabaseUrl,
    /// Drives the connections.
    pub runtime: &'a Runtime,
    /// Makes a migrator.
    pub make_migrator: &'a MakeMigrator<'a, DB, K>,
    /// Is called with every new connection.
    pub on_connect: &'a OnConnect<DB::Connection>,
    /// The migrations as their files have them, where they come from files; what needs their texts
    /// does without where there are none, and says so.
    pub sources: Option<Sources<'a>>,
}

/// Migrations as their files have them.
#[derive(Clone, Copy, Debug)]
pub struct Sources<'a> {
    /// In the order of their versions.
    pub migrations: &'a [SourceMigration],
    /// SQL functions that the app registers on its SQLite connections.
    pub functions: &'a [String],
}

impl<DB: Engine, K> Clone for Deployment<'_, DB, K> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<DB: Engine, K> Copy for Deployment<'_, DB, K> {}

impl<DB: Engine, K> fmt::Debug for Deployment<'_, DB, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Deployment")
            .field("url", self.url)
            .field("migrations", &self.set.len())
            .finish_non_exhaustive()
    }
}

impl<'a, DB: Engine, K: Code<DB>> Deployment<'a, DB, K> {
    /// A migrator with the settings that hold.
    pub fn migrator(&self) -> Migrator<'a, DB, K> {
        (self.make_migrator)(self.set)
    }

    /// The same migrations for another database.
    #[must_use]
    pub fn at(self, url: &'a DatabaseUrl) -> Self {
        Deployment { url, ..self }
    }

    /// A new connection, made ready.
    ///
    /// # Errors
    /// Where there is none, or the app's own preparation of it fails.
    pub fn connect(&self, open: Open) -> Result<Connected<DB::Connection>, ConnectError> {
        let mut connected = DB::connect(self.url, open, self.runtime)?;
        (self.on_connect)(&mut connected.connection).map_err(|source| ConnectError::NotReady {
            database: self.url.shown(),
            source,
        })?;
        Ok(connected)
    }

    /// Makes a migrator ready to be kept apart from other runs: gives it a second connection, which
    /// `ready` prepares, and the lease where a pooler stands before the server. Answers whether one
    /// does.
    ///
    /// # Errors
    /// Where there is no second connection.
    pub fn keep_apart<'m, E: From<ConnectError>>(
        &self,
        mut migrator: Migrator<'m, DB, K>,
        connection: &mut DB::Connection,
        ready: impl FnOnce(&mut DB::Connection) -> Result<(), E>,
    ) -> Result<(Migrator<'m, DB, K>, bool), E> {
        let lock = migrator.settings_mut().lock;
        if !DB::HAS_SESSIONS || lock == LockKind::Session {
            return Ok((migrator, false));
        }
        let mut second = DB::connect(self.url, Open::Existing, self.runtime)?.connection;
        let fails = lock == LockKind::Auto
            && DB::session_lock_fails(connection, &mut second).map_err(|source| {
                ConnectError::Question {
                    database: self.url.shown(),
                    source,
                }
            })?;
        ready(&mut second)?;
        if fails {
            migrator.settings_mut().lock = LockKind::Lease;
        }
        Ok((migrator.second_connection(second), fails))
    }
}
