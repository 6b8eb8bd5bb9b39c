//! The door to everything that touches a database: one type, whoever calls.

use std::fmt;
use std::marker::PhantomData;
use std::time::Instant;

use diesel::connection::LoadConnection;
use migrate_core::plan::{DownTarget, UpTarget};
use migrate_core::{Checksum, MigrationSet, Version, head_digest};

use crate::adopt::{Adopted, Tool};
use crate::apply::Run;
use crate::backend;
use crate::code::{Code, SqlOnly};
use crate::database::Database;
use crate::embedded::{Embedded, EmbeddedDirectory};
use crate::error::Error;
use crate::event::{Observer, Silent};
use crate::migration_lock::Renew;
use crate::report::{Abandoned, Report, Status};
use crate::session::{DryRun, Live, Session};
use crate::settings::Settings;

/// What somebody who has looked at the database says about an unsure statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Assume {
    /// It happened.
    Done,
    /// It did not.
    NotDone,
}

/// Applies and reverts the migrations of a set.
///
/// ```no_run
/// # #[cfg(feature = "sqlite")] {
/// use migrate_runtime::{Migrator, core::{Dialect, MigrationSet}, core::plan::UpTarget};
/// use migrate_runtime::diesel::{Connection, SqliteConnection, sqlite::Sqlite};
///
/// let set = MigrationSet::new(Dialect::Sqlite, Vec::new()).unwrap();
/// let mut conn = SqliteConnection::establish("app.db").unwrap();
/// let report = Migrator::<Sqlite>::new(&set).up(&mut conn, &UpTarget::Latest).unwrap();
/// assert!(report.steps.is_empty());
/// # }
/// ```
pub struct Migrator<'a, DB, K = SqlOnly> {
    set: &'a MigrationSet,
    head: Option<Checksum>,
    directory: Option<EmbeddedDirectory>,
    settings: Settings,
    observer: Option<&'a mut dyn Observer>,
    renew: Option<Renew>,
    dry_run: bool,
    types: PhantomData<fn() -> (DB, K)>,
}

impl<DB, K> fmt::Debug for Migrator<'_, DB, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Migrator")
            .field("migrations", &self.set.len())
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

impl<'a, DB: Database> Migrator<'a, DB, SqlOnly> {
    /// A migrator for a set that was read at run time, with the default settings.
    pub fn new(set: &'a MigrationSet) -> Self {
        Migrator::with(set)
    }
}

impl<'a, DB: Database, K: Code<DB>> Migrator<'a, DB, K> {
    fn with(set: &'a MigrationSet) -> Self {
        Migrator {
            set,
            head: None,
            directory: None,
            settings: Settings::DEFAULT,
            observer: None,
            renew: None,
            dry_run: false,
            types: PhantomData,
        }
    }

    pub(crate) fn embedded(embedded: &'static Embedded) -> Self {
        Migrator {
            head: Some(embedded.head),
            directory: embedded.directory,
            settings: embedded.settings.clone(),
            ..Migrator::with(&embedded.set)
        }
    }

    /// Replaces the settings.
    #[must_use]
    pub fn settings(mut self, settings: Settings) -> Self {
        self.settings = settings;
        self
    }

    /// The settings, to change some.
    pub fn settings_mut(&mut self) -> &mut Settings {
        &mut self.settings
    }

    /// Tells `observer` what happens, and asks it whether to stop.
    #[must_use]
    pub fn observer(mut self, observer: &'a mut dyn Observer) -> Self {
        self.observer = Some(observer);
        self
    }

    /// Only writes down what would be sent: [`Report::sql`] of the next call holds it.
    #[must_use]
    pub fn dry_run(mut self, dry_run: bool) -> Self {
        self.dry_run = dry_run;
        self
    }

    /// Gives a second connection, which renews the lease while a statement runs on the first.
    #[must_use]
    pub fn second_connection<C>(mut self, mut conn: C) -> Self
    where
        C: LoadConnection<Backend = DB> + Send + 'static,
    {
        self.renew = Some(Box::new(move |sql| DB::execute(&mut conn, sql)));
        self
    }

    /// Applies what is pending, up to `target`, under the migration lock.
    ///
    /// # Errors
    /// Whatever stopped the run; what had been committed by then stays, and the error says what.
    pub fn up<C>(&mut self, conn: &mut C, target: &UpTarget) -> Result<Report, Error>
    where
        C: LoadConnection<Backend = DB>,
    {
        self.run(conn, |run| run.up(target))
            .map_err(|error| error.of("up"))
    }

    /// Reverts down to `target`, under the migration lock.
    ///
    /// # Errors
    /// Whatever stopped the run; what had been committed by then stays, and the error says what.
    pub fn down<C>(&mut self, conn: &mut C, target: &DownTarget) -> Result<Report, Error>
    where
        C: LoadConnection<Backend = DB>,
    {
        self.run(conn, |run| run.down(target))
            .map_err(|error| error.of("down"))
    }

    /// Applies exactly one migration: nothing where it is applied, an error while older ones are
    /// pending.
    ///
    /// # Errors
    /// Whatever stopped the run.
    pub fn up_one<C>(&mut self, conn: &mut C, version: &Version) -> Result<Report, Error>
    where
        C: LoadConnection<Backend = DB>,
    {
        self.run(conn, |run| run.up_one(version))
    }

    /// Reverts exactly one migration, which must be the newest applied one.
    ///
    /// # Errors
    /// Whatever stopped the run.
    pub fn down_one<C>(&mut self, conn: &mut C, version: &Version) -> Result<Report, Error>
    where
        C: LoadConnection<Backend = DB>,
    {
        self.run(conn, |run| run.down_one(version))
    }

    /// Reverts the newest `count` applied migrations and applies them again, in one run.
    ///
    /// # Errors
    /// Whatever stopped the run.
    pub fn redo<C>(&mut self, conn: &mut C, count: usize) -> Result<Report, Error>
    where
        C: LoadConnection<Backend = DB>,
    {
        self.run(conn, |run| run.redo(count))
            .map_err(|error| error.of("redo"))
    }

    /// Finishes a script that was begun and left unfinished, from the first statement that did not
    /// happen.
    ///
    /// # Errors
    /// [`ErrorKind::Unsure`](crate::ErrorKind::Unsure) where nothing tells whether a statement
    /// happened and `assume` does not say.
    pub fn resume<C>(&mut self, conn: &mut C, assume: Option<Assume>) -> Result<Report, Error>
    where
        C: LoadConnection<Backend = DB>,
    {
        self.run(conn, |run| run.resume(assume))
            .map_err(|error| error.of("resume"))
    }

    /// Gives up a script that was begun and left unfinished and of which nothing happened: its record
    /// goes, so that it may be edited and run anew.
    ///
    /// # Errors
    /// [`ErrorKind::PartlyDone`](crate::ErrorKind::PartlyDone) where some of it happened, and
    /// [`ErrorKind::Unsure`](crate::ErrorKind::Unsure) where nothing tells and `assume` does not say.
    pub fn abandon<C>(&mut self, conn: &mut C, assume: Option<Assume>) -> Result<Abandoned, Error>
    where
        C: LoadConnection<Backend = DB>,
    {
        self.run(conn, |run| run.abandon(assume))
            .map_err(|error| error.of("resume --abandon"))
    }

    /// Records every migration up to `version`, itself included, as applied without running it: for
    /// a database that has been made by other means.
    ///
    /// # Errors
    /// Where the history is not empty, or the version is unknown.
    pub fn baseline<C>(&mut self, conn: &mut C, version: &Version) -> Result<Report, Error>
    where
        C: LoadConnection<Backend = DB>,
    {
        self.run(conn, |run| run.baseline(version))
    }

    /// Takes over the history of another tool: verifies it against the set, and records what it has
    /// applied as applied here. The other tool's table stays as it is.
    ///
    /// # Errors
    /// Where the other history does not fit the set, with every difference.
    pub fn adopt<C>(&mut self, conn: &mut C, tool: Option<Tool>) -> Result<Adopted, Error>
    where
        C: LoadConnection<Backend = DB>,
    {
        self.run(conn, |run| run.adopt(tool))
    }

    /// How the database stands. Never writes, and needs no right but to read.
    ///
    /// # Errors
    /// Where the database or its history cannot be read.
    pub fn status<C>(&mut self, conn: &mut C) -> Result<Status, Error>
    where
        C: LoadConnection<Backend = DB>,
    {
        self.run(conn, |run| run.status())
    }

    fn run<C, T: Outcome>(
        &mut self,
        conn: &mut C,
        work: impl FnOnce(&mut Run<'_>) -> Result<T, Error>,
    ) -> Result<T, Error>
    where
        C: LoadConnection<Backend = DB>,
    {
        let mut live = Live::<C, K>::new(conn);
        let backend = backend::of(DB::DIALECT)?;
        let impatient = backend
            .be_patient(&mut live, self.settings.lock_timeout)
            .map_err(Error::database("setting timeouts"))?;
        let begun = Instant::now();
        let result = self
            .run_on(&mut live, work)
            .map_err(|error| error.explained(backend, begun.elapsed()));
        if let Some(sql) = impatient {
            // The first error is the one to tell.
            let _ = live.batch(&sql);
        }
        result
    }

    fn run_on<T: Outcome>(
        &mut self,
        live: &mut dyn Session,
        work: impl FnOnce(&mut Run<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let mut silent = Silent;
        let observer: &mut dyn Observer = match &mut self.observer {
            Some(observer) => &mut **observer,
            None => &mut silent,
        };
        let head = self.head.unwrap_or_else(|| {
            let migrations = self.set.migrations().iter();
            head_digest(migrations.map(|m| (&m.version, &m.up.checksum)))
        });
        let start = |session: &mut dyn Session, dry_run: bool| {
            Run::start(
                self.set,
                head,
                self.directory,
                &self.settings,
                session,
                observer,
                &mut self.renew,
                dry_run,
            )
            .and_then(|mut run| work(&mut run))
        };
        if !self.dry_run {
            return start(live, false);
        }
        let mut dry = DryRun::new(live);
        let mut outcome = start(&mut dry, true)?;
        outcome.would_send(dry.into_sql());
        Ok(outcome)
    }
}

/// What a call answers with.
trait Outcome {
    /// Takes the SQL of a dry run.
    fn would_send(&mut self, sql: Vec<String>);
}

impl Outcome for Report {
    fn would_send(&mut self, sql: Vec<String>) {
        self.sql = sql;
    }
}

impl Outcome for Abandoned {
    fn would_send(&mut self, sql: Vec<String>) {
        self.sql = sql;
    }
}

impl Outcome for Adopted {
    fn would_send(&mut self, sql: Vec<String>) {
        self.sql = sql;
    }
}

impl Outcome for Status {
    fn would_send(&mut self, _: Vec<String>) {}
}
