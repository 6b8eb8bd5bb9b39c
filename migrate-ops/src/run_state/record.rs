//! What is known of a run, read from what it wrote.

use std::fmt;
use std::path::{Path, PathBuf};

use migrate_core::visible;
use serde::de::DeserializeOwned;

use super::lock::RunLock;
use super::{Entry, Outcome, RunId, RunStateError, What, journal, runs};
use crate::event::Step;

/// What is known of a run.
#[derive(Clone, Debug)]
pub struct RunRecord {
    /// Its id.
    pub id: RunId,
    /// All that it wrote, in order.
    pub entries: Vec<Entry>,
    /// How many lines are not whole: a crash of the machine or a full disk may leave one.
    pub broken_lines: usize,
    directory: PathBuf,
}

/// Whether a run goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Standing {
    /// It goes on, in this process or another.
    Running {
        /// The process, as far as it is known.
        pid: Option<u32>,
    },
    /// Its process ended before the run did: it was killed, or the machine went down.
    Interrupted,
    /// It ended.
    Finished(Outcome),
}

/// Where a run is, or was when it was interrupted. What was finished is not named any more.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Position {
    /// The step that was begun and not finished.
    pub step: Option<Step>,
    /// The script that was begun and not finished.
    pub script: Option<ScriptPosition>,
}

/// A script that was begun and not finished.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptPosition {
    /// The step that ran it: a rehearsal runs it on a copy.
    pub step: Step,
    /// The version.
    pub version: String,
    /// The name.
    pub name: String,
    /// `up` or `down`.
    pub direction: String,
    /// Whether its statements share one transaction, so that all of them or none happened.
    pub transaction: bool,
    /// How many statements it has.
    pub statements: usize,
    /// The last statement that was begun; `None` before the first.
    pub statement: Option<StatementPosition>,
}

/// A statement that was begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatementPosition {
    /// Which, from 1.
    pub statement: usize,
    /// The line of the script, from 1.
    pub line: usize,
    /// Whether the server has said that it is done. Whether that is committed the history table knows.
    pub done: bool,
}

/// How a run ended, as it said itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ending<'a> {
    /// How.
    pub outcome: Outcome,
    /// In words, with whatever a database said.
    pub text: &'a str,
    /// The one next command, where there is one.
    pub next: Option<&'a str>,
}

impl RunRecord {
    pub(super) fn read(directory: &Path, id: &RunId) -> Result<Self, RunStateError> {
        let folder = runs(directory).join(id.as_str());
        if !folder.is_dir() {
            return Err(RunStateError::NoRun {
                id: id.to_string(),
                directory: directory.to_owned(),
            });
        }
        let (entries, broken_lines) = journal::read(&folder)?;
        Ok(RunRecord {
            id: id.clone(),
            entries,
            broken_lines,
            directory: directory.to_owned(),
        })
    }

    /// The folder of the run.
    pub fn folder(&self) -> PathBuf {
        runs(&self.directory).join(self.id.as_str())
    }

    /// Whether the run goes on.
    ///
    /// # Errors
    /// Where that cannot be found out.
    pub fn standing(&self) -> Result<Standing, RunStateError> {
        if let Some(ending) = self.ending() {
            return Ok(Standing::Finished(ending.outcome));
        }
        Ok(match RunLock::holder(&self.directory)? {
            Some(holder) if holder.run.as_ref().is_none_or(|run| *run == self.id) => {
                Standing::Running { pid: holder.pid }
            }
            _ => Standing::Interrupted,
        })
    }

    /// How the run ended, where it did. One that was gone on with has not ended by what it wrote before.
    pub fn ending(&self) -> Option<Ending<'_>> {
        let mut newest_first = self.entries.iter().rev();
        newest_first.find_map(|entry| match &entry.what {
            What::RunFinished {
                outcome,
                text,
                next,
            } => Some(Some(Ending {
                outcome: *outcome,
                text,
                next: next.as_deref(),
            })),
            What::RunContinued { .. } => Some(None),
            _ => None,
        })?
    }

    /// The database that it is for, without password; `None` where the run was killed before it
    /// could say so.
    pub fn database(&self) -> Option<&str> {
        self.entries.iter().find_map(|entry| match &entry.what {
            What::RunStarted { database, .. } => Some(database.as_str()),
            _ => None,
        })
    }

    /// Where the run is, or was when it was interrupted.
    pub fn position(&self) -> Position {
        let mut at = Position::default();
        for entry in &self.entries {
            match &entry.what {
                What::StepStarted { step } => {
                    at = Position {
                        step: Some(*step),
                        script: None,
                    };
                }
                What::StepFinished { .. } | What::StepFailed { .. } | What::RunFinished { .. } => {
                    at = Position::default();
                }
                What::MigrationStarted {
                    step,
                    version,
                    name,
                    direction,
                    statements,
                    transaction,
                    ..
                } => {
                    at.script = Some(ScriptPosition {
                        step: *step,
                        version: version.clone(),
                        name: name.clone(),
                        direction: direction.clone(),
                        transaction: *transaction,
                        statements: *statements,
                        statement: None,
                    });
                }
                What::MigrationFinished { .. } => at.script = None,
                What::StatementStarted {
                    statement, line, ..
                } => at.begun(*statement, *line),
                What::StatementFinished { statement, .. } => at.done(*statement),
                _ => {}
            }
        }
        at
    }

    /// The evidence of a step, as it was kept under a name; `None` where there is none.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn evidence<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, RunStateError> {
        let path = self.folder().join(format!("{name}.json"));
        let bytes = match std::fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(RunStateError::io("read", path)(error)),
        };
        serde_json::from_slice(&bytes)
            .map(Some)
            .map_err(|source| RunStateError::Json { path, source })
    }
}

/// `apply, 20260301_orders on its way up, statement 2 of 3 (line 7) begun`.
impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.step {
            Some(step) => write!(f, "{step}")?,
            None => write!(f, "between two steps")?,
        }
        let Some(script) = &self.script else {
            return Ok(());
        };
        write!(
            f,
            ", {}_{} on its way {}",
            script.version,
            visible(&script.name),
            script.direction
        )?;
        match script.statement {
            Some(at) => write!(
                f,
                ", statement {} of {} (line {}) {}",
                at.statement,
                script.statements,
                at.line,
                if at.done { "sent" } else { "begun" }
            ),
            None => write!(f, ", before its first statement"),
        }
    }
}

impl Position {
    fn begun(&mut self, statement: usize, line: usize) {
        if let Some(script) = &mut self.script {
            script.statement = Some(StatementPosition {
                statement,
                line,
                done: false,
            });
        }
    }

    fn done(&mut self, statement: usize) {
        let last = self.script.as_mut().and_then(|s| s.statement.as_mut());
        if let Some(last) = last.filter(|last| last.statement == statement) {
            last.done = true;
        }
    }
}
