//! What a run has done, kept outside the database: a restore rewinds the history table, and a killed
//! process can say nothing any more.
//!
//! The state directory (`.migrate` beside `migrate.toml`, only for its owner) holds
//!
//! ```text
//! run.lock                       held by the run that goes on; the system lets go of it
//! runs/20260301T123456Z-9f3a/    one folder a run, in the order of time
//!     run.jsonl                  what happened, one JSON object a line
//!     backup.json …              the evidence of each step
//! ```
//!
//! A line that ends a step or a script is on the disk before the run goes on. Lines about statements
//! are handed to the system at once, so that a killed process loses none; a machine that loses its
//! power may lose the last of them, and there the history table knows better.

mod entry;
mod error;
mod folder;
mod id;
mod journal;
mod lock;
mod record;
mod recorder;

pub use entry::{Entry, Outcome, What};
pub use error::RunStateError;
pub use folder::{private_folder, write_private};
pub use id::RunId;
pub use record::{Ending, Position, RunRecord, ScriptPosition, Standing, StatementPosition};
pub use recorder::Recorder;

use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::event::Step;
use journal::Journal;
use lock::RunLock;

/// What is known of a run when it begins.
#[derive(Clone, Debug)]
pub struct About {
    /// The database, as [`DatabaseUrl::shown`](crate::connect::DatabaseUrl::shown) says it.
    pub database: String,
}

/// The state of the run that goes on in this process. While it lives, no other run can begin with the
/// same state directory.
///
/// ```
/// use migrate_ops::event::Step;
/// use migrate_ops::run_state::{About, Outcome, RunState, Standing};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let dir = tempfile::tempdir()?;
/// # let directory = dir.path().join(".migrate");
/// let about = About { database: "sqlite://app.db".to_owned() };
/// let mut state = RunState::create(&directory, &about)?;
/// state.step_started(Step::Backup)?;
/// drop(state);
///
/// let last = RunState::latest(&directory)?.unwrap();
/// assert_eq!(last.standing()?, Standing::Interrupted);
/// assert_eq!(last.position().step, Some(Step::Backup));
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct RunState {
    id: RunId,
    folder: PathBuf,
    journal: Journal,
    _lock: RunLock,
}

/// The folder of all runs in a state directory.
fn runs(directory: &Path) -> PathBuf {
    directory.join("runs")
}

impl RunState {
    /// Begins a run in a state directory, which is made where there is none.
    ///
    /// # Errors
    /// [`RunStateError::Busy`] while another run goes on, and where nothing can be written.
    pub fn create(directory: &Path, about: &About) -> Result<Self, RunStateError> {
        private_folder(directory)?;
        private_folder(&runs(directory))?;
        let mut lock = RunLock::take(directory)?;
        let (id, folder) = RunId::claim(&runs(directory))?;
        lock.is_of(&id)?;
        let mut state = RunState {
            journal: Journal::append(&folder)?,
            id,
            folder,
            _lock: lock,
        };
        state.write(What::RunStarted {
            run: state.id.to_string(),
            database: about.database.clone(),
            pid: std::process::id(),
            tool_version: env!("CARGO_PKG_VERSION").to_owned(),
        })?;
        Ok(state)
    }

    /// Goes on with a run that was begun by this process or another.
    ///
    /// # Errors
    /// [`RunStateError::NoRun`] where there is none of that id, [`RunStateError::Busy`] while a run
    /// goes on, and where nothing can be written.
    pub fn open(directory: &Path, id: &RunId) -> Result<Self, RunStateError> {
        let folder = runs(directory).join(id.as_str());
        if !folder.is_dir() {
            return Err(RunStateError::NoRun {
                id: id.to_string(),
                directory: directory.to_owned(),
            });
        }
        let mut lock = RunLock::take(directory)?;
        lock.is_of(id)?;
        let mut state = RunState {
            journal: Journal::append(&folder)?,
            id: id.clone(),
            folder,
            _lock: lock,
        };
        let pid = std::process::id();
        state.write(What::RunContinued { pid })?;
        Ok(state)
    }

    /// The runs of a state directory, oldest first. A directory that is not there has none.
    ///
    /// # Errors
    /// Where the directory cannot be read.
    pub fn list(directory: &Path) -> Result<Vec<RunId>, RunStateError> {
        RunId::list(&runs(directory))
    }

    /// What is known of a run, whoever made it and whether or not it has ended.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn read(directory: &Path, id: &RunId) -> Result<RunRecord, RunStateError> {
        RunRecord::read(directory, id)
    }

    /// What is known of the newest run.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn latest(directory: &Path) -> Result<Option<RunRecord>, RunStateError> {
        let newest = RunState::list(directory)?.pop();
        newest.map(|id| RunRecord::read(directory, &id)).transpose()
    }

    /// The folder of a run that may be there.
    pub(crate) fn folder_of(directory: &Path, id: &RunId) -> PathBuf {
        runs(directory).join(id.as_str())
    }

    /// The id of this run.
    pub fn id(&self) -> &RunId {
        &self.id
    }

    /// The folder of this run.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Writes a line.
    ///
    /// # Errors
    /// Where it cannot be written; then the run should not go on, because nobody could tell
    /// afterwards where it was.
    pub fn write(&mut self, what: What) -> Result<(), RunStateError> {
        self.journal.write(&Entry::now(what))
    }

    /// A step begins.
    ///
    /// # Errors
    /// As [`write`](RunState::write).
    pub fn step_started(&mut self, step: Step) -> Result<(), RunStateError> {
        self.write(What::StepStarted { step })
    }

    /// A step is done.
    ///
    /// # Errors
    /// As [`write`](RunState::write).
    pub fn step_finished(&mut self, step: Step, summary: &str) -> Result<(), RunStateError> {
        let summary = summary.to_owned();
        self.write(What::StepFinished { step, summary })
    }

    /// A step failed.
    ///
    /// # Errors
    /// As [`write`](RunState::write).
    pub fn step_failed(&mut self, step: Step, reason: &str) -> Result<(), RunStateError> {
        let reason = reason.to_owned();
        self.write(What::StepFailed { step, reason })
    }

    /// Something was decided, by a flag or by a person: a sentence without a final period.
    ///
    /// # Errors
    /// As [`write`](RunState::write).
    pub fn decided(&mut self, text: &str) -> Result<(), RunStateError> {
        let text = text.to_owned();
        self.write(What::Decision { text })
    }

    /// The run is over.
    ///
    /// # Errors
    /// As [`write`](RunState::write).
    pub fn finished(
        &mut self,
        outcome: Outcome,
        text: &str,
        next: Option<&str>,
    ) -> Result<(), RunStateError> {
        self.write(What::RunFinished {
            outcome,
            text: text.to_owned(),
            next: next.map(str::to_owned),
        })
    }

    /// Keeps the evidence of a step in `<name>.json`, all of it or none: what was there before stays
    /// until the new is on the disk. Answers with the file's path.
    ///
    /// # Errors
    /// As [`write`](RunState::write).
    pub fn evidence<T: Serialize>(
        &mut self,
        step: Step,
        name: &str,
        evidence: &T,
    ) -> Result<PathBuf, RunStateError> {
        let file = format!("{name}.json");
        let path = self.folder.join(&file);
        let mut text =
            serde_json::to_vec_pretty(evidence).map_err(|source| RunStateError::Json {
                path: path.clone(),
                source,
            })?;
        text.push(b'\n');
        write_private(&path, &text)?;
        self.write(What::Evidence { step, file })?;
        Ok(path)
    }
}

#[cfg(test)]
mod tests;
