//! What `embed_migrations!` writes into a program.

use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

use diesel::connection::LoadConnection;
use migrate_core::plan::{DownTarget, UpTarget};
use migrate_core::{Checksum, MigrationSet, Version};

use crate::code::{Code, SqlOnly};
use crate::database::Database;
use crate::error::Error;
use crate::migrator::Migrator;
use crate::report::{Report, Status};
use crate::settings::Settings;

/// The data of embedded migrations; `embed_migrations!` writes it.
#[derive(Debug)]
pub struct Embedded {
    /// The migrations.
    pub set: MigrationSet,
    /// [`migrate_core::head_digest`] over all of them.
    pub head: Checksum,
    /// The settings of `migrate.toml`.
    pub settings: Settings,
    /// The directory they came from, in debug builds.
    pub directory: Option<EmbeddedDirectory>,
}

/// The directory that migrations were embedded from, so that a debug build notices a file that was
/// added by hand since.
#[derive(Clone, Copy, Debug)]
pub struct EmbeddedDirectory {
    /// Its path at compile time.
    pub path: &'static str,
    /// Its [time](migrate_core::listing::modified) at compile time: as long as that stands still,
    /// nobody has to look into it.
    pub modified: Option<Duration>,
    /// The files in it, relative to it, sorted, with a NUL between them: one text, because a list of
    /// thousands costs the compiler time in every build.
    pub entries: &'static str,
    /// The names that the configuration ignores.
    pub ignore: &'static [&'static str],
}

/// Embedded migrations for one database.
///
/// `Copy`, and a `MigrationSource` of diesel's for its own backend only.
pub struct Migrations<DB, K = SqlOnly> {
    embedded: &'static Embedded,
    types: PhantomData<fn() -> (DB, K)>,
}

impl<DB, K> Clone for Migrations<DB, K> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<DB, K> Copy for Migrations<DB, K> {}

impl<DB, K> fmt::Debug for Migrations<DB, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Migrations")
            .field("embedded", self.embedded)
            .finish_non_exhaustive()
    }
}

impl<DB, K> Migrations<DB, K> {
    /// Wraps the data; for generated code.
    #[doc(hidden)]
    pub const fn new(embedded: &'static Embedded) -> Self {
        Migrations {
            embedded,
            types: PhantomData,
        }
    }

    /// The migrations, oldest first.
    pub fn set(&self) -> &'static MigrationSet {
        &self.embedded.set
    }

    /// The settings of `migrate.toml` at compile time.
    pub fn settings(&self) -> &'static Settings {
        &self.embedded.settings
    }
}

impl<DB: Database, K: Code<DB>> Migrations<DB, K> {
    /// A migrator with the settings of `migrate.toml`, to change them or to listen.
    pub fn migrator<'a>(&self) -> Migrator<'a, DB, K> {
        Migrator::embedded(self.embedded)
    }

    /// Applies all that is pending, under the migration lock.
    ///
    /// # Errors
    /// Whatever stopped the run; what had been committed by then stays.
    pub fn run<C>(&self, conn: &mut C) -> Result<Report, Error>
    where
        C: LoadConnection<Backend = DB>,
    {
        self.migrator().up(conn, &UpTarget::Latest)
    }

    /// Applies what is pending up to `version`, itself included.
    ///
    /// # Errors
    /// Whatever stopped the run; what had been committed by then stays.
    pub fn run_to<C>(&self, conn: &mut C, version: impl Into<Version>) -> Result<Report, Error>
    where
        C: LoadConnection<Backend = DB>,
    {
        self.migrator().up(conn, &UpTarget::Version(version.into()))
    }

    /// Reverts all that is newer than `version`, which stays.
    ///
    /// # Errors
    /// Whatever stopped the run; what had been committed by then stays.
    pub fn revert_to<C>(&self, conn: &mut C, version: impl Into<Version>) -> Result<Report, Error>
    where
        C: LoadConnection<Backend = DB>,
    {
        self.migrator()
            .down(conn, &DownTarget::Version(version.into()))
    }

    /// Reverts the newest `count` migrations.
    ///
    /// # Errors
    /// Whatever stopped the run; what had been committed by then stays.
    pub fn revert<C>(&self, conn: &mut C, count: usize) -> Result<Report, Error>
    where
        C: LoadConnection<Backend = DB>,
    {
        self.migrator().down(conn, &DownTarget::Count(count))
    }

    /// How the database stands. Never writes.
    ///
    /// # Errors
    /// Where the database or its history cannot be read.
    pub fn status<C>(&self, conn: &mut C) -> Result<Status, Error>
    where
        C: LoadConnection<Backend = DB>,
    {
        self.migrator().status(conn)
    }

    /// Applies one migration; for generated code.
    #[doc(hidden)]
    pub fn up_one<C>(&self, conn: &mut C, version: &Version) -> Result<Report, Error>
    where
        C: LoadConnection<Backend = DB>,
    {
        self.migrator().up_one(conn, version)
    }

    /// Reverts one migration; for generated code.
    #[doc(hidden)]
    pub fn down_one<C>(&self, conn: &mut C, version: &Version) -> Result<Report, Error>
    where
        C: LoadConnection<Backend = DB>,
    {
        self.migrator().down_one(conn, version)
    }
}
