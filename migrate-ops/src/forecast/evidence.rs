//! The forecast as plain data: what the report holds and `migrate plan --format json` prints.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What applying the pending migrations will do to a database and to those who use it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Forecast {
    /// When it was made, RFC 3339 in UTC.
    pub made_at: String,
    /// The database, without a password.
    pub database: String,
    /// The server, as `postgres 15.4.0`; `None` where it did not say.
    pub server: Option<String>,
    /// The newest applied version.
    pub applied: Option<String>,
    /// The version after the run; `None` where nothing is pending.
    pub target: Option<String>,
    /// The pending migrations, in the order in which they are applied.
    pub migrations: Vec<MigrationForecast>,
    /// The tables that the statements are about, as large as they are now.
    pub tables: Vec<TableSize>,
    /// How long all statements take together.
    pub apply: Estimate,
    /// How long somebody who reads or writes a table waits at most, from a lock to its release. The
    /// time that a statement itself waits for its lock, up to the lock timeout, comes on top.
    /// `None` where nobody is kept away.
    pub longest_stall: Option<Stall>,
    /// Replicas, and how far they fall behind.
    pub replicas: Replicas,
    /// What would be waited for if the run began now.
    pub in_the_way: Vec<InTheWay>,
    /// What could not be looked at, each with the reason. It is not checked, and not in order either.
    pub not_checked: Vec<String>,
    /// From where on the way back loses something or is not there; `None` where all can be reverted.
    pub point_of_no_return: Option<PointOfNoReturn>,
    /// What is lost where the whole run is rolled back: what the migrations throw away, and what their
    /// ways back do, with all that was written to it since.
    pub rollback_loses: Vec<String>,
    /// Whether the run fits into the window.
    pub window: Window,
    /// How old the backup is, and how old it may be.
    pub backup: BackupAge,
    /// Whether to go.
    pub verdict: Verdict,
}

impl Forecast {
    /// The name of this evidence in a run's folder.
    pub const EVIDENCE: &'static str = "plan";

    /// What matters of it, in one line.
    pub fn summary(&self) -> String {
        let mut parts = vec![match &self.longest_stall {
            Some(stall) => format!(
                "longest stall {} on {} ({})",
                stall.duration,
                stall.table.as_deref().unwrap_or("the whole database"),
                stall.mode
            ),
            None => "nobody is kept away".to_owned(),
        }];
        parts.push(format!("apply {}", self.apply));
        if self.point_of_no_return.is_some() {
            parts.push("there is a point of no return".to_owned());
        }
        parts.push(if self.verdict.go { "go" } else { "no-go" }.to_owned());
        parts.join("; ")
    }
}

/// What one migration does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MigrationForecast {
    /// The version.
    pub version: String,
    /// The name.
    pub name: String,
    /// Its statements share one transaction, so that locks are held until its end.
    pub transaction: bool,
    /// Its statements, in order.
    pub statements: Vec<StatementForecast>,
    /// It runs Rust code after its statements, of which nothing is known.
    pub rust: bool,
    /// How long the statements take together.
    pub apply: Estimate,
    /// How it can be taken back.
    pub way_back: WayBack,
    /// How long the way back takes; `None` where there is none.
    pub revert: Option<Estimate>,
    /// What it throws away, so that no way back brings it again.
    pub loses: Vec<String>,
}

/// What one statement does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StatementForecast {
    /// Which of its script, from 0.
    pub statement: usize,
    /// The line of the script on which it begins, from 1.
    pub line: usize,
    /// Its text; literals are left as the script has them.
    pub sql: String,
    /// What it locks, a lock a table.
    pub locks: Vec<LockForecast>,
    /// Why it is not known what it locks. It then counts as if it kept everybody from everything.
    pub unknown: Option<String>,
    /// The tables that it locks or goes over, new ones included.
    pub tables: Vec<String>,
    /// The most work that it does on a table.
    pub work: WorkKind,
    /// The rows that it goes over, as the database's statistics have it; `None` where they say nothing.
    pub rows: Option<u64>,
    /// The bytes of the tables that it works on, indexes included.
    pub bytes: Option<u64>,
    /// How long it takes, without waiting for its locks.
    pub duration: Estimate,
    /// What is risky about it.
    pub hazards: Vec<HazardForecast>,
}

/// A lock that a statement takes on a table that others use.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LockForecast {
    /// The table; `None` for all of the database.
    pub table: Option<String>,
    /// The mode in the database's words: `ACCESS EXCLUSIVE`, `ALGORITHM=COPY, LOCK=SHARED`.
    pub mode: String,
    /// Whom it keeps away, for as long as it is held.
    pub blocks: Blocked,
    /// It keeps everybody away for a moment at least, and before that waits for every open
    /// transaction that has used the table, while all others queue behind it.
    pub momentary: bool,
    /// What is done on this table.
    pub work: WorkKind,
    /// Until when it is held.
    pub held_until: HeldUntil,
    /// From the beginning of the statement until then.
    pub held: Estimate,
}

/// Whom a lock keeps away.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Blocked {
    /// Nobody who reads or writes rows.
    #[default]
    Nobody,
    /// Who writes the rows that the statement has written.
    SameRows,
    /// Who writes.
    Writes,
    /// Who reads, and who writes.
    ReadsAndWrites,
}

impl fmt::Display for Blocked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Blocked::Nobody => "nobody",
            Blocked::SameRows => "writes to the same rows",
            Blocked::Writes => "writes",
            Blocked::ReadsAndWrites => "reads and writes",
        })
    }
}

/// Until when a lock is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HeldUntil {
    /// The end of the statement.
    Statement,
    /// The end of the transaction.
    Commit,
}

/// Work in proportion to the rows of a table, least first.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum WorkKind {
    /// However many rows there are, it takes the same time.
    #[default]
    Instant,
    /// Rows are read, or changed by a statement over rows.
    Rows,
    /// All rows are read and checked.
    Scan,
    /// An index is built.
    Build,
    /// The table and its indexes are stored anew.
    Rewrite,
    /// Nobody knows.
    Unknown,
}

impl fmt::Display for WorkKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            WorkKind::Instant => "instant",
            WorkKind::Rows => "rows",
            WorkKind::Scan => "scan",
            WorkKind::Build => "build",
            WorkKind::Rewrite => "rewrite",
            WorkKind::Unknown => "unknown",
        })
    }
}

/// A time that something takes, and why that is believed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// The time. Where the basis is unknown, what is known of it: it takes at least as long.
    pub seconds: f64,
    /// Why that is believed.
    pub basis: Basis,
}

impl fmt::Display for Estimate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.basis {
            Basis::Rehearsal => write!(f, "{:.1} s", self.seconds),
            Basis::Model => write!(f, "about {:.1} s", self.seconds),
            Basis::Unknown => f.write_str("for an unknown time"),
        }
    }
}

/// Why a time is believed, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// It was measured in a rehearsal, and scaled by the sizes of the tables there and here.
    Rehearsal,
    /// It is an estimate: sizes by rates that were measured on another machine.
    Model,
    /// Nothing tells.
    Unknown,
}

/// The size of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableSize {
    /// The table, with its schema where that is not the default one.
    pub table: String,
    /// Its rows.
    pub rows: Option<u64>,
    /// Where the number of rows comes from.
    pub rows_basis: RowsBasis,
    /// The bytes of the table without its indexes.
    pub table_bytes: Option<u64>,
    /// The bytes of its indexes.
    pub index_bytes: Option<u64>,
}

impl TableSize {
    /// The bytes of the table and its indexes.
    pub fn bytes(&self) -> Option<u64> {
        Some(self.table_bytes? + self.index_bytes.unwrap_or(0))
    }
}

/// Where a number of rows comes from. None of them is exact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowsBasis {
    /// The database's statistics, by the present size of the table where that is known.
    Statistics,
    /// The table has at most so many.
    UpperBound,
    /// Nothing tells.
    Unknown,
}

/// The longest time that somebody is kept from a table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stall {
    /// The table; `None` for all of the database.
    pub table: Option<String>,
    /// The version of the migration.
    pub version: String,
    /// Which statement of it takes the lock, from 0.
    pub statement: usize,
    /// The lock.
    pub mode: String,
    /// Whom it keeps away.
    pub blocks: Blocked,
    /// For how long.
    pub duration: Estimate,
}

/// Replicas of the database.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Replicas {
    /// Those that follow now; `None` where that could not be seen.
    pub following: Option<Vec<Replica>>,
    /// How far they fall behind because of this run; `None` where nothing follows, or it is not
    /// known.
    pub lag: Option<Estimate>,
    /// What is so of replicas of this database, in a sentence.
    pub note: Option<String>,
}

/// A replica.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Replica {
    /// Its name or address.
    pub name: String,
    /// Whether it was asked itself; otherwise its primary told.
    #[serde(default)]
    pub asked: bool,
    /// How far it is behind now; `None` where that is not known here.
    pub lag_seconds: Option<f64>,
    /// Why it is not known.
    #[serde(default)]
    pub not_known: Option<String>,
}

/// Something that a run would wait for if it began now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InTheWay {
    /// What it is.
    pub kind: InTheWayKind,
    /// Who: a process id and a user, the name of a slot or of a prepared transaction.
    pub who: String,
    /// For how long already.
    pub for_seconds: Option<f64>,
    /// Its last statement, with a question mark in place of every value.
    pub query: Option<String>,
    /// The tables of this run that it holds locks on. `None` where the server does not say.
    pub tables: Option<Vec<String>>,
    /// Whether a statement of this run has to wait for it, as far as that is known.
    pub blocks_run: bool,
}

/// What stands in the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum InTheWayKind {
    /// A transaction that has been open for long and runs a statement.
    LongTransaction,
    /// A transaction that is open and does nothing.
    IdleInTransaction,
    /// A transaction that was prepared, and neither committed nor rolled back.
    PreparedTransaction,
    /// VACUUM or ANALYZE that the server began itself.
    Autovacuum,
    /// A replication slot that keeps the log because nobody reads it.
    InactiveSlot,
    /// A transaction on a replica that has been open for long: replaying waits for it, or cancels it.
    ReplicaTransaction,
}

impl fmt::Display for InTheWayKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            InTheWayKind::LongTransaction => "long transaction",
            InTheWayKind::IdleInTransaction => "idle in transaction",
            InTheWayKind::PreparedTransaction => "prepared transaction",
            InTheWayKind::Autovacuum => "autovacuum",
            InTheWayKind::InactiveSlot => "inactive replication slot",
            InTheWayKind::ReplicaTransaction => "long transaction on a replica",
        })
    }
}

/// How a migration can be taken back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum WayBack {
    /// Its down script takes back what it did and throws nothing away, as far as its statements say.
    Reversible,
    /// Its down script throws data away.
    Lossy {
        /// What.
        loses: Vec<String>,
    },
    /// There is no way back, on purpose.
    Irreversible {
        /// Why.
        reason: String,
    },
    /// There is no down script, and nothing says that this is on purpose.
    Missing,
}

/// From where on going back is not free.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PointOfNoReturn {
    /// The migration; once it is committed, what follows holds.
    pub version: String,
    /// Why.
    pub reason: String,
}

/// Whether the run fits into its window.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Window {
    /// How long the window is; `None` where none is given.
    pub limit_seconds: Option<f64>,
    /// Applying.
    pub apply: Estimate,
    /// Reading every touched table once, to validate it.
    pub validate: Estimate,
    /// Reverting all of it; what has no way back is left out, and the basis is then unknown.
    pub rollback: Estimate,
    /// All three.
    pub needed: Estimate,
    /// Whether they fit; `None` where no window is given.
    pub fits: Option<bool>,
}

/// How old the backup is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BackupAge {
    /// When the backup was made, RFC 3339; `None` where no backup is known to this forecast.
    pub made_at: Option<String>,
    /// Its age now.
    pub age_seconds: Option<f64>,
    /// How old it may be when the run begins; `None` where no limit is configured.
    pub max_age_seconds: Option<f64>,
}

/// A finding about a statement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HazardForecast {
    /// The rule.
    pub rule: String,
    /// What was found.
    pub message: String,
    /// The reason that the script gives for accepting it; `None` where it does not.
    pub waived: Option<String>,
}

/// Whether to go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// No reason is against it.
    pub go: bool,
    /// What is against it, and what is worth knowing.
    pub reasons: Vec<Reason>,
}

/// Something that speaks against going, or is worth knowing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// What it is about.
    pub about: About,
    /// Whether it speaks against going.
    pub against: bool,
    /// A sentence without a final period.
    pub text: String,
}

/// What a reason is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum About {
    /// A statement of which it is not known what it locks.
    UnknownLock,
    /// The longest stall.
    LongestStall,
    /// The window.
    Window,
    /// The backup.
    Backup,
    /// Replicas.
    Replicas,
    /// What stands in the way.
    InTheWay,
    /// The way back.
    WayBack,
    /// A finding that nobody has accepted.
    Hazard,
}
