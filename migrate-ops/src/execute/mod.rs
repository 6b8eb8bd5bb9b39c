//! Applying migrations to a database that matters: watched from a second connection, within a
//! window, with commands of the operator's along the way, and with a plan for when it fails.
//!
//! [`apply`] does what the runtime's [`Migrator`](migrate_runtime::Migrator) does and keeps evidence
//! of it. What was begun and left unfinished by a run before is finished first, if the runtime can
//! tell how far it is.
//!
//! - A **window** that is over lets no further statement begin. It never cuts one off, and a script
//!   that is complete is committed.
//! - **Pauses** for replicas and load happen where no transaction is open: between scripts, and
//!   between statements that share no transaction. What cannot be measured is not within a limit:
//!   such a run does not begin, or pauses.
//! - A **hook** that fails stops the run, unless it is configured to be passed over.
//! - **On failure** the run stops, or what it has applied is reverted; see [`rollback`].

mod apply;
mod error;
mod event_log;
mod evidence;
mod hook;
mod keeper;
mod loss;
mod marking;
mod monitor;
mod options;
mod replicas;
mod revert;
mod rights;
mod session;

pub(crate) use apply::word;
pub use apply::{Applied, EVIDENCE, apply};
pub use error::ExecuteError;
pub use event_log::EventLog;
pub use evidence::{
    Blocker, Execution, ExecutionOutcome, HookRun, Inside, MonitorState, Pause, Rollback,
    RollbackOutcome, Sample, ScriptRun, ScriptState, StatementRun, WatchedReplica,
};
pub(crate) use hook::{AFTER_RUN, after_run};
pub use marking::LOG_MARK;
pub(crate) use monitor::with_causes;
pub use options::{Limits, Options, Rehearsed, RollbackOptions};
pub use replicas::limits_can_be_measured;
pub use revert::{RolledBack, rollback};
pub use rights::{
    MissingRight, missing_rights, rights_missing_on_scratch, rights_missing_to_watch,
};
