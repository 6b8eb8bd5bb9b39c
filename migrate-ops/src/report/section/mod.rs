//! The parts of the page: each file makes one of the evidence of one step, and says what of it the
//! verdict, the follow-ups and the messages have to speak of.

pub(super) mod backup;
mod changes;
mod execution;
mod figures;
mod follow_ups;
mod identity;
mod messages;
mod page;
pub(super) mod plan;
pub(super) mod rehearsal;
mod restore;
mod rollback;
pub(super) mod validation;

use super::follow_up::FollowUp;
use super::view::{Block, Section, State, Text};
use super::{Report, StepOutcome, StepRecord};
use crate::event::Step;

pub use page::page;

/// What keeps a run that was done from being plainly good, by its evidence: sentences without a
/// final period.
pub(super) fn remarks(report: &Report) -> Vec<String> {
    let mut remarks = Vec::new();
    remarks.extend(
        report
            .unreadable
            .iter()
            .map(|it| format!("{it} cannot be read")),
    );
    remarks.extend(backup::remark(report));
    remarks.extend(rehearsal::remark(report));
    remarks.extend(validation::remark(report));
    remarks
}

/// Whether a step left evidence that a report reads.
pub(super) fn has_evidence(report: &Report, step: Step) -> bool {
    match step {
        Step::Analyse => report.analysis.is_some(),
        Step::Backup => report.backup.is_some(),
        Step::Rehearse => report.rehearsal.is_some(),
        Step::Plan => report.plan.is_some(),
        Step::Validate => report.validation.is_some(),
        Step::Restore => report.restore.is_some(),
        Step::Apply | Step::Report => true,
    }
}

/// What is left to do by the evidence.
pub(super) fn follow_ups(report: &Report) -> Vec<FollowUp> {
    let unverified = report
        .backup
        .as_ref()
        .is_some_and(|backup| !backup.is_verified());
    let text = "Restore the backup for trial: nobody has compared all of it";
    unverified
        .then(|| FollowUp::new(text, Some("migrate backup --verify full")))
        .into_iter()
        .collect()
}

/// How a step ended, in a word or two.
fn step_state(record: &StepRecord) -> (State, &'static str) {
    match record.outcome {
        StepOutcome::Done => (State::Good, "done"),
        StepOutcome::DoneWithWarnings => (State::Attention, "done, with warnings"),
        StepOutcome::Failed => (State::Bad, "failed"),
        StepOutcome::Interrupted => (State::Bad, "interrupted"),
        StepOutcome::Running => (State::Neutral, "going on"),
        StepOutcome::LeftOut => (State::NotChecked, "left out"),
        StepOutcome::NotReached => (State::NotChecked, "not reached"),
    }
}

/// The part about a step that left no evidence.
fn without_evidence(report: &Report, step: Step, id: &'static str, title: &'static str) -> Section {
    let record = report.steps.iter().find(|record| record.step == step);
    let (state, word) = record.map_or((State::NotChecked, "left out"), step_state);
    // What is done and cannot be shown is not checked here.
    let (state, word) = match state {
        State::Good | State::Attention => (State::NotChecked, "no evidence"),
        _ => (state, word),
    };
    let text = match record.and_then(|record| record.summary.clone()) {
        Some(summary) => Text::from(summary),
        None => Text::new().plain(match word {
            "left out" => "The run was made without this step.",
            "not reached" => "The run ended before this step.",
            _ => "The step left nothing to show.",
        }),
    };
    Section::new(id, title)
        .status(state, word)
        .block(Block::Paragraph(text))
}
