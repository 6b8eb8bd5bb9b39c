//! What was begun and has not come to its end.

use std::path::Path;

use super::evidence::{EVIDENCE, Outcome, Reinstatement, Stage};
use crate::run_state::{RunId, RunState, RunStateError};

/// A backup that a run, which has ended, has begun to put in the place of its database.
#[derive(Clone, Debug)]
pub struct Interrupted {
    /// The run.
    pub run: RunId,
    /// How far it was.
    pub record: Reinstatement,
}

impl Interrupted {
    /// The command that brings it to its end.
    pub const NEXT: &'static str = "migrate restore --in-place";

    /// Where it stopped, as a sentence without a final period.
    pub fn text(&self) -> String {
        let record = &self.record;
        // What is only a lock has gone with the process.
        let fenced = record.stage >= Stage::Fencing && record.database.starts_with("postgres");
        format!(
            "the run {} was putting the backup {} in the place of {} and was interrupted while {}{}",
            self.run,
            record.backup,
            record.database,
            record.stage.doing(),
            match fenced {
                true => "; until it is ended the database may refuse connections",
                false => "",
            }
        )
    }
}

/// The newest of the runs in a state directory that has begun to put a backup in the place of a
/// database, as [`DatabaseUrl::shown`](crate::connect::DatabaseUrl::shown) names it, and has not come
/// to the end of it. Whether its process still runs is not looked at: whoever has the directory's lock
/// knows that it does not.
///
/// # Errors
/// Where a state cannot be read.
pub fn interrupted(directory: &Path, database: &str) -> Result<Option<Interrupted>, RunStateError> {
    let mut runs = RunState::list(directory)?;
    while let Some(run) = runs.pop() {
        // Most runs have none, and reading a journal takes its time.
        let file = RunState::folder_of(directory, &run).join(format!("{EVIDENCE}.json"));
        if !file.exists() {
            continue;
        }
        let record: Option<Reinstatement> = RunState::read(directory, &run)?.evidence(EVIDENCE)?;
        if let Some(record) = record.filter(|record| record.database == database) {
            // An older one was brought to its end before this one could begin.
            return Ok(
                (record.outcome == Outcome::Unfinished).then_some(Interrupted { run, record })
            );
        }
    }
    Ok(None)
}
