//! One line of a journal, and of what is told to `--events`.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::event::{Event, Step};
use crate::execute::Sample;
use crate::time;

/// Something that happened, and when.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// When (RFC 3339, UTC).
    pub time: String,
    /// What.
    #[serde(flatten)]
    pub what: What,
}

impl Entry {
    /// Something that happens now.
    pub fn now(what: What) -> Self {
        Entry {
            time: time::now(),
            what,
        }
    }
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Outcome {
    /// Everything was done.
    Succeeded,
    /// There was nothing to do.
    NothingToDo,
    /// It stopped before it changed anything.
    Refused,
    /// It failed, and what it had done stays.
    Failed,
    /// It failed, and what it had done was undone.
    RolledBack,
    /// It failed, and the backup was put in the place of the database.
    Restored,
    /// It was asked to stop.
    Stopped,
}

/// What happened. Numbers of statements count from 1; no text of a statement and no value is told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[non_exhaustive]
pub enum What {
    /// A run begins.
    RunStarted {
        /// Its id.
        run: String,
        /// The database, without password.
        database: String,
        /// The process.
        pid: u32,
        /// The version of this crate.
        tool_version: String,
    },
    /// Another process, or the same one later, goes on with the run.
    RunContinued {
        /// The process.
        pid: u32,
    },
    /// A step begins.
    StepStarted {
        /// Which.
        step: Step,
    },
    /// A step goes on.
    Progress {
        /// Which.
        step: Step,
        /// What it does just now.
        text: String,
        /// How much is done, from 0 to 1, where that is known.
        fraction: Option<f64>,
    },
    /// Something that a person should know.
    Warning {
        /// The step.
        step: Step,
        /// What.
        text: String,
    },
    /// How the server fares.
    Sampled {
        /// The step.
        step: Step,
        /// Its figures.
        sample: Box<Sample>,
    },
    /// The evidence of a step is kept.
    Evidence {
        /// Which step.
        step: Step,
        /// The file in the run's folder.
        file: String,
    },
    /// A step is done.
    StepFinished {
        /// Which.
        step: Step,
        /// What came of it.
        summary: String,
    },
    /// A step failed.
    StepFailed {
        /// Which.
        step: Step,
        /// Why.
        reason: String,
    },
    /// Something was decided.
    Decision {
        /// What.
        text: String,
    },
    /// The migration lock is held by another run.
    LockWaiting {
        /// The step that waits.
        step: Step,
        /// Who holds it, as far as the database tells.
        holder: Option<String>,
        /// For how long it has waited.
        waited_seconds: f64,
    },
    /// The migration lock is held by this run.
    LockAcquired {
        /// The step that has it.
        step: Step,
        /// For how long it waited.
        waited_seconds: f64,
    },
    /// It is known which scripts will run.
    Planned {
        /// The step that will run them.
        step: Step,
        /// How many.
        scripts: usize,
    },
    /// A script begins.
    MigrationStarted {
        /// The step that runs it: a rehearsal runs it on a copy.
        step: Step,
        /// The version.
        version: String,
        /// The name.
        name: String,
        /// `up` or `down`.
        direction: String,
        /// How many statements it has.
        statements: usize,
        /// Whether they share one transaction.
        transaction: bool,
        /// Which of the planned scripts, from 1.
        position: usize,
        /// How many are planned.
        of: usize,
    },
    /// A statement begins.
    StatementStarted {
        /// The step that runs it.
        step: Step,
        /// Which, from 1.
        statement: usize,
        /// Of how many.
        of: usize,
        /// The line of the script, from 1.
        line: usize,
    },
    /// A statement is done.
    StatementFinished {
        /// The step that ran it.
        step: Step,
        /// Which, from 1.
        statement: usize,
        /// Of how many.
        of: usize,
        /// How long it took.
        duration_seconds: f64,
    },
    /// A statement is not run, because an earlier run did it.
    StatementSkipped {
        /// The step.
        step: Step,
        /// Which, from 1.
        statement: usize,
        /// Of how many.
        of: usize,
    },
    /// The Rust code of a script begins.
    CodeStarted {
        /// The step that runs it.
        step: Step,
    },
    /// The Rust code of a script is done.
    CodeFinished {
        /// The step that ran it.
        step: Step,
        /// How long it took.
        duration_seconds: f64,
    },
    /// A statement waited too long for a lock, and is tried again.
    LockTimeout {
        /// The step.
        step: Step,
        /// The attempt that failed, from 1.
        attempt: u32,
        /// How many there are in all.
        of: u32,
        /// The pause before the next one.
        pause_seconds: f64,
    },
    /// A script is done and recorded.
    MigrationFinished {
        /// The step that ran it.
        step: Step,
        /// The version.
        version: String,
        /// The name.
        name: String,
        /// `up` or `down`.
        direction: String,
        /// How long it took, with all attempts.
        duration_seconds: f64,
    },
    /// The run is over.
    RunFinished {
        /// How.
        outcome: Outcome,
        /// In words.
        text: String,
        /// The one next command, where there is one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        next: Option<String>,
    },
    /// Something that a newer version wrote.
    #[serde(other)]
    Unknown,
}

impl What {
    /// What an event says; `None` for what is of no use to whoever reads it later.
    pub fn of(event: &Event<'_>) -> Option<Self> {
        Some(match event {
            Event::Started(step) => What::StepStarted { step: *step },
            Event::Progress {
                step,
                text,
                fraction,
            } => What::Progress {
                step: *step,
                text: (*text).to_owned(),
                fraction: *fraction,
            },
            Event::Warning { step, text } => What::Warning {
                step: *step,
                text: (*text).to_owned(),
            },
            Event::Sampled { step, sample } => What::Sampled {
                step: *step,
                sample: Box::new((*sample).clone()),
            },
            Event::Finished { step, summary } => What::StepFinished {
                step: *step,
                summary: (*summary).to_owned(),
            },
            Event::Migration { step, event } => return What::of_migration(*step, event),
        })
    }

    fn of_migration(step: Step, event: &migrate_runtime::Event<'_>) -> Option<Self> {
        use migrate_runtime::Event;
        let seconds = Duration::as_secs_f64;
        Some(match event {
            Event::LockWaiting { holder, waited } => What::LockWaiting {
                step,
                holder: holder.map(str::to_owned),
                waited_seconds: seconds(waited),
            },
            Event::LockAcquired { waited } => What::LockAcquired {
                step,
                waited_seconds: seconds(waited),
            },
            Event::Planned { steps, .. } => What::Planned {
                step,
                scripts: *steps,
            },
            Event::MigrationStarted {
                version,
                name,
                direction,
                statements,
                transaction,
                position,
                of,
            } => What::MigrationStarted {
                step,
                version: version.to_string(),
                name: (*name).to_owned(),
                direction: direction.to_string(),
                statements: *statements,
                transaction: *transaction,
                position: *position,
                of: *of,
            },
            Event::StatementStarted {
                index, of, line, ..
            } => What::StatementStarted {
                step,
                statement: index + 1,
                of: *of,
                line: *line,
            },
            Event::StatementFinished {
                index,
                of,
                duration,
            } => What::StatementFinished {
                step,
                statement: index + 1,
                of: *of,
                duration_seconds: seconds(duration),
            },
            Event::StatementSkipped { index, of } => What::StatementSkipped {
                step,
                statement: index + 1,
                of: *of,
            },
            Event::CodeStarted => What::CodeStarted { step },
            Event::CodeFinished { duration } => What::CodeFinished {
                step,
                duration_seconds: seconds(duration),
            },
            Event::LockTimeout { attempt, of, pause } => What::LockTimeout {
                step,
                attempt: *attempt,
                of: *of,
                pause_seconds: seconds(pause),
            },
            Event::MigrationFinished(done) => What::MigrationFinished {
                step,
                version: done.version.to_string(),
                name: done.name.clone(),
                direction: done.direction.to_string(),
                duration_seconds: seconds(&done.duration),
            },
            _ => return None,
        })
    }

    /// Whether it has to be on the disk before the run goes on.
    pub(super) fn is_milestone(&self) -> bool {
        !matches!(
            self,
            What::StatementStarted { .. }
                | What::StatementFinished { .. }
                | What::StatementSkipped { .. }
                | What::Progress { .. }
                | What::Sampled { .. }
                | What::LockWaiting { .. }
                | What::LockTimeout { .. }
                | What::Warning { .. }
        )
    }

    /// Whether it says where the run is, and not only that it goes on.
    pub(super) fn is_lasting(&self) -> bool {
        !matches!(
            self,
            What::Progress { .. } | What::Sampled { .. } | What::LockWaiting { .. }
        )
    }
}
