//! What happened when, read from the journal of a run.

use serde::{Deserialize, Serialize};

use super::figure::seconds_between;
use crate::event::Step;
use crate::run_state::{Entry, What};

/// What happened when.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Log {
    /// The scripts that were run, on the database and in rehearsals.
    pub scripts: Vec<LoggedScript>,
    /// What somebody should know.
    pub warnings: Vec<LoggedText>,
    /// What was decided.
    pub decisions: Vec<LoggedText>,
}

/// A script that was run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LoggedScript {
    /// The step that ran it: `apply` on the database, `rehearse` on a copy.
    pub step: Step,
    /// The version.
    pub version: String,
    /// The name.
    pub name: String,
    /// `up` or `down`.
    pub direction: String,
    /// Whether its statements were one transaction.
    pub transaction: bool,
    /// How many statements it has.
    pub statements: usize,
    /// When it began (RFC 3339, UTC).
    pub started: String,
    /// When it was done and recorded; `null` where it was not.
    pub finished: Option<String>,
    /// How long it took, with all attempts.
    pub duration_seconds: Option<f64>,
    /// Its statements, in the order in which they were begun; one that was tried again is there
    /// again.
    pub log: Vec<LoggedStatement>,
    /// Attempts that ended because a lock was not granted in time.
    pub lock_timeouts: Vec<LockTimeout>,
}

/// A statement that was begun.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LoggedStatement {
    /// Which of the script, from 1.
    pub statement: usize,
    /// The line of the script, from 1.
    pub line: usize,
    /// When it was begun (RFC 3339, UTC).
    pub started: String,
    /// How long it took; `null` where it is not known to be done.
    pub duration_seconds: Option<f64>,
}

/// An attempt that ended because a lock was not granted in time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LockTimeout {
    /// When (RFC 3339, UTC).
    pub time: String,
    /// Which attempt, from 1.
    pub attempt: u32,
    /// How long the pause after it was to be.
    pub pause_seconds: f64,
}

/// A line of text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LoggedText {
    /// When (RFC 3339, UTC).
    pub time: String,
    /// The step that it is about, where it is about one.
    pub step: Option<Step>,
    /// What.
    pub text: String,
}

impl Log {
    /// From the lines of a journal.
    pub fn of(entries: &[Entry]) -> Self {
        let mut log = Log::default();
        for entry in entries {
            log.add(entry);
        }
        log
    }

    /// What was done to the database itself.
    pub fn applied(&self) -> impl Iterator<Item = &LoggedScript> {
        self.scripts
            .iter()
            .filter(|script| script.step == Step::Apply)
    }

    fn add(&mut self, entry: &Entry) {
        let time = || entry.time.clone();
        match &entry.what {
            What::Warning { step, text } => self.warnings.push(LoggedText {
                time: time(),
                step: Some(*step),
                text: text.clone(),
            }),
            What::Decision { text } => self.decisions.push(LoggedText {
                time: time(),
                step: None,
                text: text.clone(),
            }),
            What::MigrationStarted {
                step,
                version,
                name,
                direction,
                statements,
                transaction,
                ..
            } => self.scripts.push(LoggedScript {
                step: *step,
                version: version.clone(),
                name: name.clone(),
                direction: direction.clone(),
                transaction: *transaction,
                statements: *statements,
                started: time(),
                finished: None,
                duration_seconds: None,
                log: Vec::new(),
                lock_timeouts: Vec::new(),
            }),
            What::MigrationFinished {
                duration_seconds, ..
            } => {
                if let Some(script) = self.open() {
                    script.finished = Some(time());
                    script.duration_seconds = Some(*duration_seconds);
                }
            }
            What::StatementStarted {
                statement, line, ..
            } => {
                if let Some(script) = self.open() {
                    script.log.push(LoggedStatement {
                        statement: *statement,
                        line: *line,
                        started: time(),
                        duration_seconds: None,
                    });
                }
            }
            What::StatementFinished {
                statement,
                duration_seconds,
                ..
            } => {
                let last = self.open().and_then(|script| script.log.last_mut());
                if let Some(last) = last.filter(|last| last.statement == *statement) {
                    last.duration_seconds = Some(*duration_seconds);
                }
            }
            What::LockTimeout {
                attempt,
                pause_seconds,
                ..
            } => {
                if let Some(script) = self.open() {
                    script.lock_timeouts.push(LockTimeout {
                        time: time(),
                        attempt: *attempt,
                        pause_seconds: *pause_seconds,
                    });
                }
            }
            _ => {}
        }
    }

    /// The script that is running.
    fn open(&mut self) -> Option<&mut LoggedScript> {
        self.scripts
            .last_mut()
            .filter(|script| script.finished.is_none())
    }
}

impl LoggedScript {
    /// When it ended, in seconds after `origin`: where it is not known to have ended, after the last
    /// thing that is known of it.
    pub(super) fn end(&self, origin: &str) -> Option<f64> {
        if let Some(finished) = &self.finished {
            return seconds_between(origin, finished);
        }
        let last = self
            .log
            .iter()
            .map(|one| (&one.started, one.duration_seconds.unwrap_or(0.0)))
            .chain(self.lock_timeouts.iter().map(|one| (&one.time, 0.0)))
            .filter_map(|(time, duration)| Some(seconds_between(origin, time)? + duration))
            .fold(f64::NEG_INFINITY, f64::max);
        match last.is_finite() {
            true => Some(last),
            false => seconds_between(origin, &self.started),
        }
    }
}
