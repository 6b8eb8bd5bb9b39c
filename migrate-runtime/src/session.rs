//! A connection as the loop sees it: one object, whatever the backend and the kind of connection.
//!
//! The loop is not generic, so that an app compiles it once and each connection type costs only
//! the few functions below.

use std::marker::PhantomData;

use diesel::QueryResult;
use diesel::connection::{LoadConnection, TransactionManager, TransactionManagerStatus};
use migrate_core::Direction;

use crate::code::{Code, CodeError};
use crate::database::{Database, Row};
use crate::error::Error;

/// A connection to a database.
pub(crate) trait Session {
    /// Sends SQL whose result does not matter.
    fn batch(&mut self, sql: &str) -> QueryResult<()>;

    /// Sends one statement and says how many rows it touched.
    fn execute(&mut self, sql: &str) -> QueryResult<usize>;

    /// Reads rows whose columns are all text.
    fn rows(&mut self, sql: &str) -> QueryResult<Vec<Row>>;

    /// Begins a transaction, or a savepoint inside one, through diesel's transaction manager, so
    /// that `conn.transaction` inside Rust code nests.
    fn begin(&mut self) -> QueryResult<()>;

    /// Commits what the last `begin` began.
    fn commit(&mut self) -> QueryResult<()>;

    /// Undoes what the last `begin` began.
    fn rollback(&mut self) -> QueryResult<()>;

    /// Whether a transaction is open.
    fn in_transaction(&mut self) -> bool;

    /// From now on reads outside a transaction get one of their own: behind a transaction pooler
    /// the parts of a prepared query may otherwise reach different servers.
    fn wrap_reads(&mut self);

    /// Whether this program has the Rust code of a script.
    fn has_code(&self, migration: usize, direction: Direction) -> bool;

    /// Whether that code may be repeated.
    fn code_is_repeatable(&self, migration: usize, direction: Direction) -> bool;

    /// Runs it.
    fn run_code(&mut self, migration: usize, direction: Direction) -> Result<(), CodeError>;
}

/// Runs `work` in the open transaction, or in one of its own where none is open.
pub(crate) fn in_transaction<T>(
    session: &mut dyn Session,
    work: impl FnOnce(&mut dyn Session) -> Result<T, Error>,
) -> Result<T, Error> {
    if session.in_transaction() {
        return work(session);
    }
    session
        .begin()
        .map_err(Error::database("beginning a transaction"))?;
    match work(session) {
        Ok(value) => {
            session.commit().map_err(Error::database("committing"))?;
            Ok(value)
        }
        Err(error) => {
            // The first error is the one to tell.
            let _ = session.rollback();
            Err(error)
        }
    }
}

/// A diesel connection.
pub(crate) struct Live<'c, C, K> {
    conn: &'c mut C,
    wrap_reads: bool,
    code: PhantomData<fn() -> K>,
}

impl<'c, C, K> Live<'c, C, K> {
    pub(crate) fn new(conn: &'c mut C) -> Self {
        Live {
            conn,
            wrap_reads: false,
            code: PhantomData,
        }
    }
}

impl<DB, C, K> Session for Live<'_, C, K>
where
    DB: Database,
    C: LoadConnection<Backend = DB>,
    K: Code<DB>,
{
    fn batch(&mut self, sql: &str) -> QueryResult<()> {
        tracing::trace!(sql, "send");
        self.conn.batch_execute(sql)
    }

    fn execute(&mut self, sql: &str) -> QueryResult<usize> {
        tracing::trace!(sql, "send");
        DB::execute(self.conn, sql)
    }

    fn rows(&mut self, sql: &str) -> QueryResult<Vec<Row>> {
        tracing::trace!(sql, "read");
        if !self.wrap_reads || self.in_transaction() {
            return DB::load(self.conn, sql);
        }
        self.begin()?;
        match DB::load(self.conn, sql) {
            Ok(rows) => self.commit().map(|()| rows),
            Err(error) => {
                // The first error is the one to tell.
                let _ = self.rollback();
                Err(error)
            }
        }
    }

    fn begin(&mut self) -> QueryResult<()> {
        C::TransactionManager::begin_transaction(self.conn)
    }

    fn commit(&mut self) -> QueryResult<()> {
        C::TransactionManager::commit_transaction(self.conn)
    }

    fn rollback(&mut self) -> QueryResult<()> {
        C::TransactionManager::rollback_transaction(self.conn)
    }

    fn in_transaction(&mut self) -> bool {
        match C::TransactionManager::transaction_manager_status_mut(self.conn) {
            TransactionManagerStatus::Valid(status) => status.transaction_depth().is_some(),
            // A broken manager lets nothing through; its next call says so.
            _ => false,
        }
    }

    fn wrap_reads(&mut self) {
        self.wrap_reads = true;
    }

    fn has_code(&self, migration: usize, direction: Direction) -> bool {
        K::has(migration, direction)
    }

    fn code_is_repeatable(&self, migration: usize, direction: Direction) -> bool {
        K::repeatable(migration, direction)
    }

    fn run_code(&mut self, migration: usize, direction: Direction) -> Result<(), CodeError> {
        K::run(migration, direction, self.conn)
    }
}

/// A session that reads for real and only writes down what it would send.
pub(crate) struct DryRun<'s> {
    inner: &'s mut dyn Session,
    depth: u32,
    sql: Vec<String>,
}

impl<'s> DryRun<'s> {
    pub(crate) fn new(inner: &'s mut dyn Session) -> Self {
        DryRun {
            inner,
            depth: 0,
            sql: Vec::new(),
        }
    }

    /// What would have been sent, in order.
    pub(crate) fn into_sql(self) -> Vec<String> {
        self.sql
    }
}

impl Session for DryRun<'_> {
    fn batch(&mut self, sql: &str) -> QueryResult<()> {
        self.sql.push(sql.to_owned());
        Ok(())
    }

    fn execute(&mut self, sql: &str) -> QueryResult<usize> {
        self.sql.push(sql.to_owned());
        // Every guarded write expects to touch one row.
        Ok(1)
    }

    fn rows(&mut self, sql: &str) -> QueryResult<Vec<Row>> {
        self.inner.rows(sql)
    }

    fn begin(&mut self) -> QueryResult<()> {
        self.depth += 1;
        self.sql.push("BEGIN".to_owned());
        Ok(())
    }

    fn commit(&mut self) -> QueryResult<()> {
        self.depth = self.depth.saturating_sub(1);
        self.sql.push("COMMIT".to_owned());
        Ok(())
    }

    fn rollback(&mut self) -> QueryResult<()> {
        self.depth = self.depth.saturating_sub(1);
        self.sql.push("ROLLBACK".to_owned());
        Ok(())
    }

    fn in_transaction(&mut self) -> bool {
        self.depth > 0 || self.inner.in_transaction()
    }

    fn wrap_reads(&mut self) {
        self.inner.wrap_reads();
    }

    fn has_code(&self, migration: usize, direction: Direction) -> bool {
        self.inner.has_code(migration, direction)
    }

    fn code_is_repeatable(&self, migration: usize, direction: Direction) -> bool {
        self.inner.code_is_repeatable(migration, direction)
    }

    fn run_code(&mut self, migration: usize, direction: Direction) -> Result<(), CodeError> {
        self.sql.push(format!(
            "-- the Rust code of migration {migration} {direction}"
        ));
        Ok(())
    }
}
