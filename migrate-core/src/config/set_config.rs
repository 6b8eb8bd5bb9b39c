//! The resolved configuration of one set of migrations.

use std::path::PathBuf;
use std::time::Duration;

use super::{
    BackupConfig, Levels, PlanConfig, RehearseConfig, RunConfig, ServerVersion, ToolsConfig,
    ValidateConfig,
};
use crate::checksum::{Checksum, Hasher};
use crate::dialect::Dialect;
use crate::layout::join;
use crate::plan::Policy;

/// All that is configured about one set, with defaults filled in.
///
/// Macro arguments and flags override it through [`Choice`](super::Choice).
#[derive(Clone, Debug, PartialEq)]
pub struct SetConfig {
    /// The name under `[sets]`; `None` for the set at the top of the file.
    pub name: Option<String>,
    /// The `migrate.toml` that was read, where there is one.
    pub file: Option<PathBuf>,
    /// Messages show paths below this directory relative to it: where `migrate.toml` lies.
    pub root: PathBuf,
    /// The migration directory; by default `migrations` beside `migrate.toml`.
    pub dir: PathBuf,
    /// The dialect; `None` where neither `dialect` nor `server` says it.
    pub dialect: Option<Dialect>,
    /// The oldest server that the migrations have to run on.
    pub server: Option<ServerVersion>,
    /// The environment variable that holds the database URL.
    pub database: String,
    /// Names in the directory that are no migrations; see [`list`](crate::listing::list).
    pub ignore: Vec<String>,
    /// SQL functions that the app registers on its SQLite connections. The check stands in for them;
    /// they are never called on real data.
    pub functions: Vec<String>,
    /// The file with diesel's `table!` macros, which has to agree with the migrations.
    pub schema_file: Option<PathBuf>,
    /// Where the history is.
    pub history: HistoryTable,
    /// How runners keep out of each other's way.
    pub lock: MigrationLock,
    /// Levels of rules.
    pub levels: Levels,
    /// What the planner tolerates.
    pub policy: Policy,
    /// How much is one transaction.
    pub transaction: TransactionMode,
    /// How long to wait for what.
    pub timeouts: Timeouts,
    /// How migrations are tried on a copy.
    pub rehearse: RehearseConfig,
    /// How migrations are run on a database that matters.
    pub run: RunConfig,
    /// What speaks against running migrations.
    pub plan: PlanConfig,
    /// How backups are made.
    pub backup: BackupConfig,
    /// Where the databases' programs are.
    pub tools: ToolsConfig,
    /// How a database is looked at after a run.
    pub validate: ValidateConfig,
}

/// Where the history table is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryTable {
    /// The schema; by default `public` on PostgreSQL, elsewhere the current database.
    pub schema: Option<String>,
    /// The table, by default `_migrate_history`.
    pub table: String,
}

impl Default for HistoryTable {
    fn default() -> Self {
        HistoryTable {
            schema: None,
            table: "_migrate_history".to_owned(),
        }
    }
}

/// The kind of the migration lock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MigrationLock {
    /// A session lock where it is seen to hold, otherwise a lease.
    #[default]
    Auto,
    /// The database's own lock, bound to the session.
    Session,
    /// A row that expires, with a fence.
    Lease,
}

/// How much is one transaction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TransactionMode {
    /// A transaction a migration.
    #[default]
    Each,
    /// One transaction for all.
    All,
}

/// How long to wait for what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// For the migration lock; by default 60 seconds.
    pub lock_wait: Duration,
    /// For a lock on a table, before the transaction gives way and is tried again; by default 5
    /// seconds.
    pub lock_timeout: Duration,
    /// How often to try again; by default 10 times.
    pub lock_retries: u32,
    /// For one statement; by default without limit.
    pub statement: Option<Duration>,
}

impl Default for Timeouts {
    fn default() -> Self {
        Timeouts {
            lock_wait: Duration::from_secs(60),
            lock_timeout: Duration::from_secs(5),
            lock_retries: 10,
            statement: None,
        }
    }
}

impl SetConfig {
    /// How messages name a path: relative to [`root`](SetConfig::root) where it is below it.
    pub fn shown(&self, path: &std::path::Path) -> String {
        let relative = path.strip_prefix(&self.root).unwrap_or(path);
        let parts: Vec<_> = relative.iter().map(|part| part.to_string_lossy()).collect();
        if relative.is_absolute() || parts.is_empty() {
            return relative.display().to_string();
        }
        parts
            .iter()
            .skip(1)
            .fold(parts[0].to_string(), |shown, part| join(&shown, part))
    }

    /// SHA-256 of what the findings about a script depend on, besides the script.
    pub(crate) fn digest(&self) -> Checksum {
        let mut hasher = Hasher::new();
        let server = self
            .server
            .map(|server| server.to_string())
            .unwrap_or_default();
        hasher.part(server.as_bytes());
        for (code, level) in self.levels.iter() {
            hasher.part(code.as_bytes()).part(level.name().as_bytes());
        }
        for function in &self.functions {
            hasher.part(b"function").part(function.as_bytes());
        }
        hasher.checksum()
    }
}
