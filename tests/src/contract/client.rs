use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use diesel::connection::{InstrumentationEvent, LoadConnection};
use diesel::query_builder::SqlQuery;
use diesel::query_dsl::LoadQuery;
use diesel::r2d2::{ConnectionManager, Pool, PooledConnection, R2D2Connection};
use diesel::sql_types::Text;
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use migrate_core::MigrationSet;
use migrate_runtime::{
    Abandoned, Adopted, Database, Error, LockKind, Migrator, Observer, Report, Silent, Status,
};

use super::job::{Command, Job};

/// A connection of some [kind](super::Kind), or a pool of them that is asked anew for each call.
pub trait Client: Send {
    /// Runs a command, telling an observer.
    ///
    /// # Errors
    /// What stopped it.
    fn observe(
        &mut self,
        set: &MigrationSet,
        job: &Job,
        observer: &mut dyn Observer,
    ) -> Result<Outcome, Error>;

    /// Runs a command.
    ///
    /// # Errors
    /// What stopped it.
    fn migrate(&mut self, set: &MigrationSet, job: &Job) -> Result<Outcome, Error> {
        self.observe(set, job, &mut Silent)
    }

    /// The rows of a query that names its one column `value`, which is text.
    fn texts(&mut self, sql: &str) -> Vec<String>;

    /// Sends SQL.
    fn batch(&mut self, sql: &str);

    /// Counts what is sent from now on, transaction control included.
    fn count_statements(&mut self) -> Arc<AtomicUsize>;
}

/// What a command answers with.
#[derive(Debug)]
pub enum Outcome {
    /// It ran scripts, or recorded them.
    Ran(Report),
    /// It gave up.
    Abandoned(Abandoned),
    /// It took over.
    Adopted(Adopted),
    /// It looked.
    Looked(Status),
}

impl Outcome {
    /// The versions that were run or recorded, in order.
    #[must_use]
    pub fn versions(&self) -> Vec<&str> {
        let steps = match self {
            Outcome::Ran(report) => report.steps.as_slice(),
            Outcome::Adopted(adopted) => adopted.migrations.as_slice(),
            Outcome::Abandoned(_) | Outcome::Looked(_) => &[],
        };
        steps.iter().map(|done| done.version.as_str()).collect()
    }

    /// The status.
    ///
    /// # Panics
    /// Where it was another command.
    #[must_use]
    pub fn status(self) -> Status {
        match self {
            Outcome::Looked(status) => status,
            other => panic!("not a status: {other:?}"),
        }
    }
}

#[derive(QueryableByName)]
struct Value {
    #[diesel(sql_type = Text)]
    value: String,
}

/// One connection.
pub(super) struct Plain<C> {
    conn: C,
    open: Box<dyn Fn() -> C + Send>,
}

impl<C> Plain<C> {
    pub(super) fn new(open: impl Fn() -> C + Send + 'static) -> Self {
        let (conn, open) = (open(), Box::new(open));
        Plain { conn, open }
    }
}

/// A pool.
pub(super) struct Pooled<C: R2D2Connection + 'static>(pub(super) Pool<ConnectionManager<C>>);

impl<C: R2D2Connection> Pooled<C> {
    fn get(&self) -> PooledConnection<ConnectionManager<C>> {
        self.0.get().expect("a connection of the pool")
    }
}

impl<DB, C> Client for Plain<C>
where
    DB: Database,
    C: LoadConnection<Backend = DB> + Send + 'static,
    SqlQuery: for<'q> LoadQuery<'q, C, Value>,
{
    fn observe(
        &mut self,
        set: &MigrationSet,
        job: &Job,
        observer: &mut dyn Observer,
    ) -> Result<Outcome, Error> {
        run(&mut self.conn, &self.open, set, job, observer)
    }

    fn texts(&mut self, sql: &str) -> Vec<String> {
        texts(&mut self.conn, sql)
    }

    fn batch(&mut self, sql: &str) {
        self.conn.batch_execute(sql).expect("SQL that works");
    }

    fn count_statements(&mut self) -> Arc<AtomicUsize> {
        count(&mut self.conn)
    }
}

impl<DB, C> Client for Pooled<C>
where
    DB: Database,
    C: LoadConnection<Backend = DB> + R2D2Connection + Send + 'static,
    SqlQuery: for<'q> LoadQuery<'q, PooledConnection<ConnectionManager<C>>, Value>,
{
    fn observe(
        &mut self,
        set: &MigrationSet,
        job: &Job,
        observer: &mut dyn Observer,
    ) -> Result<Outcome, Error> {
        let mut conn = self.get();
        run(&mut conn, || self.get(), set, job, observer)
    }

    fn texts(&mut self, sql: &str) -> Vec<String> {
        texts(&mut self.get(), sql)
    }

    fn batch(&mut self, sql: &str) {
        use diesel::connection::SimpleConnection;
        self.get().batch_execute(sql).expect("SQL that works");
    }

    fn count_statements(&mut self) -> Arc<AtomicUsize> {
        count(&mut self.get())
    }
}

fn run<DB, C, S>(
    conn: &mut C,
    second: impl FnOnce() -> S,
    set: &MigrationSet,
    job: &Job,
    observer: &mut dyn Observer,
) -> Result<Outcome, Error>
where
    DB: Database,
    C: LoadConnection<Backend = DB>,
    S: LoadConnection<Backend = DB> + Send + 'static,
{
    let mut migrator = Migrator::<DB>::new(set)
        .settings(job.settings.clone())
        .observer(observer);
    if job.settings.lock == LockKind::Lease {
        migrator = migrator.second_connection(second());
    }
    match &job.command {
        Command::Up(target) => migrator.up(conn, target).map(Outcome::Ran),
        Command::Down(target) => migrator.down(conn, target).map(Outcome::Ran),
        Command::Redo(count) => migrator.redo(conn, *count).map(Outcome::Ran),
        Command::Resume(assume) => migrator.resume(conn, *assume).map(Outcome::Ran),
        Command::Abandon(assume) => migrator.abandon(conn, *assume).map(Outcome::Abandoned),
        Command::Baseline(version) => migrator.baseline(conn, version).map(Outcome::Ran),
        Command::Adopt(tool) => migrator.adopt(conn, *tool).map(Outcome::Adopted),
        Command::Status => migrator.status(conn).map(Outcome::Looked),
    }
}

fn texts<C>(conn: &mut C, sql: &str) -> Vec<String>
where
    C: LoadConnection,
    SqlQuery: for<'q> LoadQuery<'q, C, Value>,
{
    let rows: Vec<Value> = sql_query(sql).load(conn).expect("a query that works");
    rows.into_iter().map(|row| row.value).collect()
}

fn count<C: diesel::Connection>(conn: &mut C) -> Arc<AtomicUsize> {
    let counter = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&counter);
    conn.set_instrumentation(move |event: InstrumentationEvent<'_>| {
        if matches!(event, InstrumentationEvent::StartQuery { .. }) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    });
    counter
}
