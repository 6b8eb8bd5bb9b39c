//! What came of applying, as plain data.

use serde::{Deserialize, Serialize};

/// What came of applying migrations. Texts of statements have their values taken out.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Execution {
    /// The database, without password.
    pub database: String,
    /// The role that the migrations were run as, where it is not the user's own.
    pub role: Option<String>,
    /// When it began (RFC 3339, UTC).
    pub started: String,
    /// When it ended.
    pub finished: String,
    /// How long it took.
    pub duration_seconds: f64,
    /// How it ended.
    pub outcome: ExecutionOutcome,
    /// What was run, in order; each script once, with all its attempts.
    pub scripts: Vec<ScriptRun>,
    /// What the monitor could see, and what not.
    pub monitor: MonitorState,
    /// Figures of the server while it went on, oldest first; thinned out where there are many.
    pub samples: Vec<Sample>,
    /// Which figures the server did not tell, or not to this user, each with the reason.
    #[serde(default)]
    pub not_sampled: Vec<String>,
    /// Replicas that were watched.
    #[serde(default)]
    pub replicas: Vec<WatchedReplica>,
    /// When the run held itself back.
    pub pauses: Vec<Pause>,
    /// Commands that ran along.
    pub hooks: Vec<HookRun>,
    /// Why it ended otherwise than well, as one sentence.
    pub error: Option<String>,
    /// What was reverted after a failure, where that was asked for.
    pub rollback: Option<Rollback>,
    /// Versions that this run has applied and that stay.
    pub committed: Vec<String>,
    /// Versions that this run had applied and that are reverted again.
    pub undone: Vec<String>,
    /// What is lost for good, each as a sentence; empty where nothing is.
    pub lost: Vec<String>,
    /// The one command that comes next, where there is one.
    pub next: Option<String>,
}

/// How applying ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ExecutionOutcome {
    /// Everything that was pending is applied.
    Done,
    /// Nothing was pending.
    NothingToDo,
    /// It ended before anything was sent.
    Refused,
    /// A script failed, or the database did.
    Failed,
    /// Somebody asked it to stop.
    Stopped,
    /// The window ended.
    WindowEnded,
    /// A pause lasted too long.
    PausedTooLong,
    /// A hook failed.
    HookFailed,
}

/// A script that was begun.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ScriptRun {
    /// The version.
    pub version: String,
    /// The name.
    pub name: String,
    /// `up` or `down`.
    pub direction: String,
    /// Whether its statements share one transaction.
    pub transaction: bool,
    /// What of it is there now.
    pub state: ScriptState,
    /// When it began.
    pub started: String,
    /// When it ended.
    pub finished: Option<String>,
    /// How long it took, with all attempts.
    pub duration_seconds: f64,
    /// Its statements, as far as they were begun.
    pub statements: Vec<StatementRun>,
    /// How long its Rust code took, where it has some.
    pub code_seconds: Option<f64>,
}

/// What of a script is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ScriptState {
    /// All of it, recorded in the history.
    Done,
    /// Nothing.
    Nothing,
    /// Some of it: it has to be resumed.
    Half,
    /// Not known, because the database could not be asked.
    Unknown,
}

/// A statement that was begun.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StatementRun {
    /// Which of its script, from 1.
    pub statement: usize,
    /// The line of the script that it begins in, from 1.
    pub line: usize,
    /// Its text without values and passwords, cut off where it is long.
    pub sql: String,
    /// When its last attempt began.
    pub started: String,
    /// How long its last attempt took; `None` where it did not end well.
    pub duration_seconds: Option<f64>,
    /// How often it was begun.
    pub attempts: u32,
    /// Not run, because an earlier run did it.
    pub skipped: bool,
    /// Who stood in its way.
    pub blockers: Vec<Blocker>,
    /// What the server said last about how far it is.
    pub progress: Option<Inside>,
}

/// A session that a statement waited for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Blocker {
    /// The session's number: a process on PostgreSQL, a connection on MySQL.
    pub session: String,
    /// Its user.
    pub user: Option<String>,
    /// Its program, as far as it told.
    pub application: Option<String>,
    /// What it does: `active`, `idle in transaction`, `Sleep` …
    pub state: Option<String>,
    /// For how long its transaction has been open.
    pub transaction_seconds: Option<f64>,
    /// Its statement without values, the last one where it is idle.
    pub query: Option<String>,
    /// What is waited for, as in `AccessExclusiveLock on orders`.
    pub waits_for: Option<String>,
    /// Whether the server says that this session is in the way, or only its open transaction makes
    /// it likely.
    pub certain: bool,
    /// When it was first seen in the way.
    pub seen: String,
}

/// How far a statement is, as the server tells it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Inside {
    /// What it does, as in `building index: scanning table`.
    pub phase: String,
    /// How much of that phase is done, from 0 to 1, where it is known.
    pub fraction: Option<f64>,
}

/// What the monitor could see.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", content = "reason", rename_all = "snake_case")]
#[non_exhaustive]
pub enum MonitorState {
    /// All that this server offers.
    Watching,
    /// Some of it could not be seen.
    Partly(String),
    /// Nothing could be seen.
    NotWatching(String),
}

/// Figures of the server. What it does not offer, or not to this user, is `None`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Sample {
    /// When.
    pub time: String,
    /// How many sessions there are.
    pub sessions: Option<u64>,
    /// How many may be.
    pub sessions_limit: Option<u64>,
    /// How many run a statement, without this run's own.
    pub active_sessions: Option<u64>,
    /// How many wait for a lock.
    #[serde(default)]
    pub waiting_sessions: Option<u64>,
    /// Transactions that were committed since the server began to count; the difference of two samples
    /// tells. On PostgreSQL of this database, elsewhere of the server.
    #[serde(default)]
    pub commits: Option<u64>,
    /// Deadlocks, likewise.
    #[serde(default)]
    pub deadlocks: Option<u64>,
    /// Bytes written to temporary files, likewise.
    #[serde(default)]
    pub temporary_bytes: Option<u64>,
    /// Processor time of the server in seconds, likewise: of its processes where it is certain that they
    /// run on this machine, else what it counts itself of its statements.
    #[serde(default)]
    pub cpu_seconds: Option<f64>,
    /// Bytes of write-ahead or redo log since the server began to count; the difference of two
    /// samples tells.
    pub log_bytes: Option<u64>,
    /// Bytes read from disk, likewise.
    pub read_bytes: Option<u64>,
    /// Bytes written to disk, likewise.
    pub written_bytes: Option<u64>,
    /// How many replicas are connected.
    pub replicas: Option<u64>,
    /// How far the last replica is behind, in seconds.
    pub replica_lag_seconds: Option<f64>,
    /// How far the last replica is behind, in bytes of the log.
    pub replica_lag_bytes: Option<u64>,
}

/// A replica that was watched while a run went on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WatchedReplica {
    /// Its URL without password, or the name by which its primary knows it.
    pub name: String,
    /// Whether it was asked itself; otherwise its primary told.
    pub asked: bool,
    /// How far it was behind at most, in seconds; `None` where that was never known.
    pub longest_lag_seconds: Option<f64>,
    /// How far it was behind when the run ended.
    pub last_lag_seconds: Option<f64>,
    /// Why it was not known at the end.
    pub not_known: Option<String>,
}

/// A time when the run held itself back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pause {
    /// When it began.
    pub started: String,
    /// How long it was.
    pub duration_seconds: f64,
    /// Why.
    pub reason: String,
    /// Whether the reason went away; otherwise the run stopped.
    pub ended_well: bool,
}

/// A command that ran along.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HookRun {
    /// When: `before_run`, `after_run`, `before_migration`, `after_migration`.
    pub hook: String,
    /// For which version.
    pub version: Option<String>,
    /// The command, without passwords in URLs.
    pub command: String,
    /// When it began.
    pub started: String,
    /// How long it took.
    pub duration_seconds: f64,
    /// Its exit code; `None` where a signal ended it or it did not start.
    pub exit_code: Option<i32>,
    /// Whether it took too long and was killed.
    pub timed_out: bool,
    /// Whether it did what it should.
    pub succeeded: bool,
    /// The end of what it wrote, without passwords.
    pub output: String,
}

/// What was reverted after a failure.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Rollback {
    /// How it ended.
    pub outcome: RollbackOutcome,
    /// Why it was refused or failed.
    pub reason: Option<String>,
    /// The scripts that were run for it, newest migration first.
    pub scripts: Vec<ScriptRun>,
}

impl Rollback {
    /// The one next command after it, where what had failed names none: `command` is the one that it was part
    /// of.
    pub(crate) fn next(&self, command: &str) -> Option<String> {
        match self.outcome {
            RollbackOutcome::Done | RollbackOutcome::NothingToRevert => {
                Some(format!("correct what failed and run `{command}` again"))
            }
            RollbackOutcome::Failed => Some("migrate status".to_owned()),
            RollbackOutcome::Refused => None,
        }
    }
}

/// How a rollback ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RollbackOutcome {
    /// Everything that the run had applied is reverted.
    Done,
    /// Nothing had been applied, or what had been was undone with its transaction.
    NothingToRevert,
    /// It was not begun.
    Refused,
    /// It was begun and did not end.
    Failed,
}
