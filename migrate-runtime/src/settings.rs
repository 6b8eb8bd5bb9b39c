//! How migrations are run, as far as it can be chosen.

use std::borrow::Cow;
use std::time::Duration;

use migrate_core::plan::Policy;

/// Where a transaction begins and ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Transactions {
    /// One for each migration.
    #[default]
    Each,
    /// One around all of them: all or nothing. Refused where a script cannot run in one, and on
    /// MySQL and MariaDB, where DDL commits.
    All,
}

/// How two runs are kept apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LockKind {
    /// A session lock, or a lease where the engine is known not to hold session locks.
    #[default]
    Auto,
    /// A lock that belongs to the database session: `pg_try_advisory_lock`, `GET_LOCK`.
    Session,
    /// A row in `_migrate_lock` that expires, with a fence that grows with every holder; for
    /// transaction poolers and clusters with several writers.
    Lease,
}

/// The settings of a [`Migrator`](crate::Migrator).
#[derive(Clone, Debug)]
pub struct Settings {
    /// The schema (PostgreSQL) or database (MySQL) of the history table; `public` or the current
    /// database where it is `None`. SQLite has none.
    pub history_schema: Option<Cow<'static, str>>,
    /// The name of the history table.
    pub history_table: Cow<'static, str>,
    /// What the planner tolerates.
    pub policy: Policy,
    /// Where transactions begin and end.
    pub transactions: Transactions,
    /// How two runs are kept apart.
    pub lock: LockKind,
    /// How long to wait for another run to finish.
    pub lock_wait: Duration,
    /// How long one attempt of a statement may wait for a lock on a table.
    pub lock_timeout: Duration,
    /// How many further attempts follow a lock timeout.
    pub lock_retries: u32,
    /// How long a statement may run; no limit where it is `None`.
    pub statement_timeout: Option<Duration>,
    /// How long a lease holds without being renewed.
    pub lease: Duration,
}

impl Settings {
    /// The settings where nothing is configured.
    pub const DEFAULT: Settings = Settings {
        history_schema: None,
        history_table: Cow::Borrowed("_migrate_history"),
        policy: Policy {
            out_of_order: migrate_core::plan::OutOfOrder::Refuse,
            ahead: migrate_core::plan::Ahead::Warn,
        },
        transactions: Transactions::Each,
        lock: LockKind::Auto,
        lock_wait: Duration::from_secs(60),
        lock_timeout: Duration::from_secs(5),
        lock_retries: 10,
        statement_timeout: None,
        lease: Duration::from_secs(30),
    };
}

impl Default for Settings {
    fn default() -> Self {
        Settings::DEFAULT
    }
}
