//! The steps of a run and how they ended.

use migrate_core::redact;
use serde::{Deserialize, Serialize};

use crate::event::Step;
use crate::run_state::{Entry, Standing, What};

/// The steps that a report tells of; the report itself is the last one.
const STEPS: [Step; 7] = [
    Step::Analyse,
    Step::Backup,
    Step::Rehearse,
    Step::Plan,
    Step::Apply,
    Step::Validate,
    Step::Restore,
];

/// A step of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepRecord {
    /// Which.
    pub step: Step,
    /// How it ended.
    pub outcome: StepOutcome,
    /// When it began (RFC 3339, UTC).
    pub started: Option<String>,
    /// When it ended.
    pub finished: Option<String>,
    /// What came of it, or why it failed.
    pub summary: Option<String>,
}

/// How a step ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum StepOutcome {
    /// It is done.
    Done,
    /// It is done, and told something that somebody should know.
    DoneWithWarnings,
    /// It failed.
    Failed,
    /// It was begun, and the process ended before it did.
    Interrupted,
    /// It goes on.
    Running,
    /// It was left out; later steps were begun.
    LeftOut,
    /// The run ended before it.
    NotReached,
}

impl StepRecord {
    /// From the lines of a journal, for every step.
    pub fn all(entries: &[Entry], standing: Standing) -> Vec<Self> {
        let mut records: Vec<StepRecord> = STEPS
            .into_iter()
            .map(|step| StepRecord {
                step,
                outcome: StepOutcome::NotReached,
                started: None,
                finished: None,
                summary: None,
            })
            .collect();
        let begun = match standing {
            Standing::Running { .. } => StepOutcome::Running,
            _ => StepOutcome::Interrupted,
        };
        for entry in entries {
            let (step, outcome) = match &entry.what {
                What::StepStarted { step } => (step, begun),
                What::StepFinished { step, .. } => (step, StepOutcome::Done),
                What::StepFailed { step, .. } => (step, StepOutcome::Failed),
                _ => continue,
            };
            let Some(record) = records.iter_mut().find(|record| record.step == *step) else {
                continue;
            };
            record.outcome = outcome;
            match &entry.what {
                What::StepFinished { summary, .. } => {
                    record.finished = Some(entry.time.clone());
                    record.summary = Some(summary.clone());
                }
                What::StepFailed { reason, .. } => {
                    record.finished = Some(entry.time.clone());
                    record.summary = Some(redact::message(reason));
                }
                _ => {
                    record.started = Some(entry.time.clone());
                    record.finished = None;
                }
            }
        }
        for entry in entries {
            if let What::Warning { step, .. } = &entry.what
                && let Some(record) = records.iter_mut().find(|record| record.step == *step)
                && record.outcome == StepOutcome::Done
            {
                record.outcome = StepOutcome::DoneWithWarnings;
            }
        }
        // It comes after a failure only, and then no step before it was left out for it.
        records.retain(|record| record.step != Step::Restore || record.started.is_some());
        let last = records
            .iter()
            .rposition(|record| record.started.is_some() && record.step != Step::Restore);
        for record in records.iter_mut().take(last.unwrap_or(0)) {
            if record.outcome == StepOutcome::NotReached {
                record.outcome = StepOutcome::LeftOut;
            }
        }
        records
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run_state::Outcome;

    #[test]
    fn steps_are_left_out_or_not_reached() {
        let entry = |what| Entry {
            time: "2026-03-01T12:00:00.000Z".to_owned(),
            what,
        };
        let started = |step| entry(What::StepStarted { step });
        let finished = |step| {
            entry(What::StepFinished {
                step,
                summary: "well".to_owned(),
            })
        };
        let entries = [
            started(Step::Analyse),
            finished(Step::Analyse),
            started(Step::Plan),
            entry(What::Warning {
                step: Step::Plan,
                text: "look".to_owned(),
            }),
            finished(Step::Plan),
            started(Step::Apply),
        ];
        let outcomes = |standing| -> Vec<StepOutcome> {
            let records = StepRecord::all(&entries, standing);
            records.iter().map(|record| record.outcome).collect()
        };
        use StepOutcome::{Done, DoneWithWarnings, Interrupted, LeftOut, NotReached, Running};
        let expected = [
            Done,
            LeftOut,
            LeftOut,
            DoneWithWarnings,
            Running,
            NotReached,
        ];
        assert_eq!(outcomes(Standing::Running { pid: None }), expected);
        let killed = outcomes(Standing::Interrupted);
        assert_eq!(killed.get(4), Some(&Interrupted));
        let ended = outcomes(Standing::Finished(Outcome::Failed));
        assert_eq!(ended.get(4), Some(&Interrupted));
    }
}
