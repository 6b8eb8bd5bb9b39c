//! How a run ended, in a few words.

use migrate_core::redact;
use serde::{Deserialize, Serialize};

use super::figure::counted;
use super::{Report, StepOutcome, StepRecord};
use crate::run_state::{Ending, Outcome, Standing};

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// In one word.
    pub kind: VerdictKind,
    /// In a few words, without a final period.
    pub headline: String,
    /// Why, and what is to be known about it: sentences without a final period.
    pub reasons: Vec<String>,
    /// The one next command, where there is one.
    pub next: Option<String>,
}

/// How a run ended, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum VerdictKind {
    /// Everything was applied and checked, and nothing was found.
    Applied,
    /// Everything was applied; something was not checked, or somebody should look at it.
    AppliedWithRemarks,
    /// There was nothing to apply.
    NothingToDo,
    /// It stopped before it changed anything.
    Refused,
    /// It stopped after it had applied something, or everything but what came after.
    Failed,
    /// It failed, and what it had applied was reverted.
    RolledBack,
    /// It failed, and the backup was put in the place of the database.
    Restored,
    /// It was asked to stop.
    Stopped,
    /// Its process ended before it did.
    Interrupted,
    /// It goes on.
    Running,
}

impl Verdict {
    /// What the rest of a report comes to, and what the run itself said at its end.
    pub(super) fn of(report: &Report, standing: Standing, ending: Option<Ending<'_>>) -> Self {
        let applied = Applied::of(report);
        let kind = match standing {
            Standing::Running { .. } => VerdictKind::Running,
            Standing::Interrupted => VerdictKind::Interrupted,
            Standing::Finished(Outcome::NothingToDo) => VerdictKind::NothingToDo,
            Standing::Finished(Outcome::Refused) => VerdictKind::Refused,
            Standing::Finished(Outcome::Failed) => VerdictKind::Failed,
            Standing::Finished(Outcome::RolledBack) => VerdictKind::RolledBack,
            Standing::Finished(Outcome::Restored) => VerdictKind::Restored,
            Standing::Finished(Outcome::Stopped) => VerdictKind::Stopped,
            Standing::Finished(Outcome::Succeeded) => match remarks(report).is_empty() {
                true => VerdictKind::Applied,
                false => VerdictKind::AppliedWithRemarks,
            },
        };
        let mut reasons: Vec<String> = Vec::new();
        for step in &report.steps {
            if step.outcome == StepOutcome::Failed {
                let why = step.summary.as_deref().unwrap_or("no reason was told");
                reasons.push(format!("{} failed: {why}", step.step));
            }
        }
        // What came of a step may be all that there is to be said against it.
        let ended_badly = matches!(
            kind,
            VerdictKind::Refused
                | VerdictKind::Failed
                | VerdictKind::RolledBack
                | VerdictKind::Stopped
        );
        if let Some(ending) = ending.filter(|_| ended_badly && reasons.is_empty()) {
            reasons.push(redact::message(ending.text));
        }
        if matches!(kind, VerdictKind::AppliedWithRemarks) {
            reasons.extend(remarks(report));
        }
        if let Some(execution) = &report.execution {
            reasons.extend(execution.lost.iter().map(|it| format!("lost: {it}")));
        }
        if let Some(text) = applied
            .unfinished()
            .filter(|_| kind != VerdictKind::Restored)
        {
            reasons.push(text);
        }
        if let Some(restore) = report.restore.as_ref().filter(|it| it.is_done()) {
            reasons.push(restore.summary());
            // A run of its own has no execution to tell it.
            if report.execution.is_none() {
                reasons.extend(restore.lost.iter().map(|it| format!("lost: {it}")));
            }
        }
        Verdict {
            kind,
            headline: headline(kind, &applied, report),
            reasons,
            next: ending
                .and_then(|ending| ending.next.map(str::to_owned))
                // A run that was killed could not say it.
                .or_else(|| report.restore.as_ref()?.next.clone())
                .or_else(|| report.execution.as_ref()?.next.clone())
                .or_else(|| next(kind, &applied)),
        }
    }
}

/// What keeps a run that was done from being plainly good.
fn remarks(report: &Report) -> Vec<String> {
    let mut remarks = Vec::new();
    for StepRecord { step, outcome, .. } in &report.steps {
        match outcome {
            StepOutcome::LeftOut | StepOutcome::NotReached => {
                remarks.push(format!("{step} was left out"));
            }
            StepOutcome::DoneWithWarnings => {
                remarks.push(format!("{step} is done with warnings"));
            }
            StepOutcome::Done if !super::section::has_evidence(report, *step) => {
                remarks.push(format!("{step} left nothing to show"));
            }
            _ => {}
        }
    }
    remarks.extend(super::section::remarks(report));
    remarks
}

/// What a run has left in the database.
struct Applied {
    /// Scripts that were applied and not reverted.
    kept: usize,
    /// Scripts that were reverted.
    reverted: usize,
    /// The script that was begun and is not known to be done.
    open: Option<(String, bool)>,
}

impl Applied {
    fn of(report: &Report) -> Self {
        let mut kept = 0_usize;
        let mut reverted = 0_usize;
        let mut open = None;
        for script in report.log.applied() {
            match (script.finished.is_some(), script.direction.as_str()) {
                (true, "down") => {
                    kept = kept.saturating_sub(1);
                    reverted += 1;
                }
                (true, _) => kept += 1,
                (false, _) => {
                    let label = format!("{}_{}", script.version, script.name);
                    open = Some((label, script.transaction));
                }
            }
        }
        Applied {
            kept,
            reverted,
            open,
        }
    }

    fn unfinished(&self) -> Option<String> {
        let (label, transaction) = self.open.as_ref()?;
        Some(match transaction {
            true => {
                format!("{label} was one transaction and did not commit: nothing of it is there")
            }
            false => {
                format!("{label} is not one transaction: what it did before it stopped is there")
            }
        })
    }
}

fn headline(kind: VerdictKind, applied: &Applied, report: &Report) -> String {
    let kept = counted(applied.kept, "migration");
    let of = report.analysis.as_ref().map(|it| it.pending.len());
    let some = match of {
        Some(of) if of != applied.kept => {
            format!("{} of {}", applied.kept, counted(of, "migration"))
        }
        _ => kept.clone(),
    };
    let is = |count: usize| if count == 1 { "is" } else { "are" };
    match kind {
        VerdictKind::Applied => format!("{kept} applied, and everything checked"),
        VerdictKind::AppliedWithRemarks => format!("{kept} applied, with remarks"),
        VerdictKind::NothingToDo => "Nothing to do: the database is up to date".to_owned(),
        VerdictKind::Refused => "Not begun: the database is unchanged".to_owned(),
        VerdictKind::Failed | VerdictKind::Stopped if applied.kept == 0 => {
            let word = match kind {
                VerdictKind::Failed => "Failed",
                _ => "Stopped",
            };
            match applied.open {
                None => format!("{word} before anything was applied"),
                Some(_) => format!("{word}: no migration is applied"),
            }
        }
        VerdictKind::Failed => format!("Failed: {some} {} applied", is(applied.kept)),
        VerdictKind::Stopped => format!("Stopped: {some} {} applied", is(applied.kept)),
        VerdictKind::RolledBack => format!(
            "Rolled back: {} {} reverted",
            counted(applied.reverted, "migration"),
            is(applied.reverted)
        ),
        VerdictKind::Restored => "Restored: the backup is in the place of the database".to_owned(),
        VerdictKind::Interrupted => format!("Interrupted: {some} {} applied", is(applied.kept)),
        VerdictKind::Running => format!("Running: {some} {} applied", is(applied.kept)),
    }
}

fn next(kind: VerdictKind, applied: &Applied) -> Option<String> {
    match kind {
        VerdictKind::Failed | VerdictKind::Stopped | VerdictKind::Interrupted => {
            match &applied.open {
                Some((_, false)) => Some("migrate resume".to_owned()),
                _ => Some("migrate status".to_owned()),
            }
        }
        VerdictKind::RolledBack | VerdictKind::Restored => Some("migrate status".to_owned()),
        VerdictKind::Applied
        | VerdictKind::AppliedWithRemarks
        | VerdictKind::NothingToDo
        | VerdictKind::Refused
        | VerdictKind::Running => None,
    }
}
