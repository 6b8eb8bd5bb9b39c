//! Why a run stopped.

use crate::analyse::AnalyseError;
use crate::backup::BackupError;
use crate::connect::ConnectError;
use crate::event::Step;
use crate::execute::{ExecuteError, Execution, ExecutionOutcome, RollbackOutcome};
use crate::forecast::ForecastError;
use crate::rehearse::RehearseError;
use crate::reinstate::{Interrupted, Reinstatement};
use crate::run_state::{Outcome, RunStateError};
use crate::validate::ValidateError;

/// Why a run stopped.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Failure {
    /// What the run does cannot be written down.
    #[error(transparent)]
    State(#[from] RunStateError),
    /// The database cannot be reached.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// It is not known what would be applied, or the run would be refused.
    #[error(transparent)]
    Analyse(#[from] AnalyseError),
    /// The pending migrations have errors.
    #[error("the pending migrations have errors: {}", .0.join("; "))]
    Errors(Vec<String>),
    /// The user may not do what the pending migrations do.
    #[error("the user lacks rights: {}", .0.join("; "))]
    Rights(Vec<String>),
    /// After a failure, the backup could not be put in the place of the database, as was asked for.
    #[error("on a failure the backup could not be restored as asked for: {}", .0.join("; "))]
    CannotRestore(Vec<String>),
    /// An earlier run has begun to put its backup in the place of the database.
    #[error("{0}")]
    Interrupted(String),
    /// No backup could be made.
    #[error(transparent)]
    Backup(#[from] BackupError),
    /// The backup was restored, and what came of it is not what was backed up.
    #[error("the backup cannot be relied on: {}", .0.join("; "))]
    BackupDiffers(Vec<String>),
    /// No rehearsal could be held.
    #[error(transparent)]
    Rehearse(#[from] RehearseError),
    /// The rehearsal failed.
    #[error("the rehearsal failed: {}", .0.join("; "))]
    RehearsalFailed(Vec<String>),
    /// No plan could be made.
    #[error(transparent)]
    Plan(#[from] ForecastError),
    /// The plan speaks against going.
    #[error("no-go: {}", .0.join("; "))]
    NoGo(Vec<String>),
    /// Applying failed, or was stopped.
    #[error(transparent)]
    Apply(Box<ExecuteError>),
    /// It could not be validated.
    #[error(transparent)]
    Validate(#[from] ValidateError),
    /// Something is not as it should be.
    #[error("validation failed: {}", .0.join("; "))]
    Invalid(Vec<String>),
    /// Somebody asked to stop.
    #[error("stopped before {0}")]
    Stopped(Step),
}

impl Failure {
    /// How the run ended.
    pub(super) fn outcome(
        &self,
        execution: Option<&Execution>,
        restore: Option<&Reinstatement>,
    ) -> Outcome {
        if restore.is_some_and(Reinstatement::is_done) {
            return Outcome::Restored;
        }
        let rollback = execution.and_then(|execution| execution.rollback.as_ref());
        if rollback.is_some_and(|it| it.outcome == RollbackOutcome::Done) {
            return Outcome::RolledBack;
        }
        match (self, execution.map(|execution| execution.outcome)) {
            (_, Some(ExecutionOutcome::Stopped)) | (Failure::Stopped(_), _) => Outcome::Stopped,
            (_, Some(ExecutionOutcome::Refused) | None) => Outcome::Refused,
            (_, Some(_)) => Outcome::Failed,
        }
    }

    /// The one next command, where there is one.
    pub fn next(&self, execution: Option<&Execution>) -> Option<String> {
        if let Some(next) = execution.and_then(|execution| execution.next.clone()) {
            return Some(next);
        }
        match self {
            Failure::Analyse(AnalyseError::Run(error)) => error.next(),
            Failure::Interrupted(_) => Some(Interrupted::NEXT.to_owned()),
            Failure::Errors(_) => Some("migrate check".to_owned()),
            Failure::NoGo(_) => Some("migrate plan".to_owned()),
            Failure::RehearsalFailed(_) => Some("migrate rehearse".to_owned()),
            Failure::BackupDiffers(_) => Some("migrate backup".to_owned()),
            Failure::Invalid(_) => Some("migrate validate".to_owned()),
            _ => None,
        }
    }

    /// The message with what caused it, in one line.
    pub fn with_causes(&self) -> String {
        let mut text = self.to_string();
        let mut cause = std::error::Error::source(self);
        while let Some(error) = cause {
            let more = error.to_string();
            if !text.contains(&more) {
                text = format!("{text}: {more}");
            }
            cause = error.source();
        }
        text
    }
}
