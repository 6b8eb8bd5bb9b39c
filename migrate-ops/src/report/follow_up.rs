//! What is left to do after a run.

use serde::{Deserialize, Serialize};

use super::verdict::VerdictKind;
use super::{Report, StepOutcome, section};

/// Something that is left to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FollowUp {
    /// What to do: a sentence without a final period.
    pub text: String,
    /// The command that does it, where there is one.
    pub command: Option<String>,
}

impl FollowUp {
    pub(super) fn new(text: impl Into<String>, command: Option<&str>) -> Self {
        FollowUp {
            text: text.into(),
            command: command.map(str::to_owned),
        }
    }

    pub(super) fn all(report: &Report) -> Vec<Self> {
        let mut all = Vec::new();
        if let Some(next) = &report.verdict.next {
            let text = match report.verdict.kind {
                VerdictKind::Restored | VerdictKind::RolledBack => {
                    "The database is what it was; go on from there"
                }
                VerdictKind::Refused => "The database is unchanged; find out what is in the way",
                _ if next == "migrate status" => "Find out where the database stands",
                _ => "Go on from where it stopped",
            };
            all.push(FollowUp::new(text, Some(next)));
        }
        if report
            .identity
            .surroundings
            .git
            .as_ref()
            .is_some_and(|git| git.changed)
        {
            let text =
                "Commit the migrations as they were run: the directory differed from its commit";
            all.push(FollowUp::new(text, None));
        }
        let applied = matches!(
            report.verdict.kind,
            VerdictKind::Applied | VerdictKind::AppliedWithRemarks | VerdictKind::Failed
        );
        for step in &report.steps {
            if applied
                && matches!(step.outcome, StepOutcome::LeftOut | StepOutcome::NotReached)
                && let Some((text, command)) = catch_up(step.step)
            {
                all.push(FollowUp::new(text, Some(command)));
            }
        }
        all.extend(section::follow_ups(report));
        all
    }
}

/// How to do afterwards what a run left out, where that still makes sense.
fn catch_up(step: crate::event::Step) -> Option<(&'static str, &'static str)> {
    use crate::event::Step;
    Some(match step {
        Step::Validate => ("Check the data: the run did not", "migrate validate"),
        Step::Backup => (
            "Make a backup of the new state: the run made none",
            "migrate backup",
        ),
        _ => return None,
    })
}
