//! The whole page.

use super::super::figure::{duration, seconds_between, time};
use super::super::verdict::VerdictKind;
use super::super::view::{Figure, Page, Section, State, Step as StepView, Text};
use super::super::{Report, StepRecord};
use super::{
    backup, changes, execution, follow_ups, identity, messages, plan, rehearsal, restore, rollback,
    step_state, validation,
};
use crate::event::Step;
use crate::forecast::Basis;

/// What a report shows.
pub fn page(report: &Report) -> Page {
    let sections = sections(report);
    Page {
        title: format!("{}: {}", report.identity.run, report.verdict.headline),
        state: match report.verdict.kind {
            VerdictKind::Applied | VerdictKind::NothingToDo => State::Good,
            VerdictKind::AppliedWithRemarks
            | VerdictKind::RolledBack
            | VerdictKind::Restored
            | VerdictKind::Refused => State::Attention,
            VerdictKind::Failed | VerdictKind::Stopped | VerdictKind::Interrupted => State::Bad,
            VerdictKind::Running => State::Neutral,
        },
        headline: report.verdict.headline.clone(),
        summary: report
            .verdict
            .reasons
            .iter()
            .map(|reason| Text::marked(&sentence(reason)))
            .collect(),
        next: report.verdict.next.as_deref().map(Text::instruction),
        byline: byline(report),
        steps: report
            .steps
            .iter()
            .map(|record| step(record, &sections))
            .collect(),
        figures: figures(report),
        sections,
        footer: footer(report),
    }
}

fn sections(report: &Report) -> Vec<Section> {
    let mut sections = Vec::new();
    sections.extend(follow_ups::section(report));
    sections.push(changes::section(report));
    sections.push(plan::section(report));
    sections.push(backup::section(report));
    sections.push(rehearsal::section(report));
    sections.push(execution::section(report));
    sections.push(validation::section(report));
    sections.extend(restore::section(report));
    sections.extend(rollback::section(report));
    sections.extend(messages::section(report));
    sections.push(identity::section(report));
    sections
}

fn byline(report: &Report) -> Vec<(String, Text)> {
    let identity = &report.identity;
    let mut byline = vec![("Database".to_owned(), Text::new().code(&identity.database))];
    if let Some(started) = &identity.started {
        byline.push(("Began".to_owned(), time(started).into()));
        let took = identity
            .finished
            .as_ref()
            .and_then(|finished| seconds_between(started, finished));
        if let Some(took) = took {
            byline.push(("Took".to_owned(), duration(took).into()));
        }
    }
    if let Some(operator) = &identity.surroundings.operator {
        byline.push(("Operator".to_owned(), operator.as_str().into()));
    }
    byline.push(("Run".to_owned(), Text::new().code(&identity.run)));
    byline
}

fn step(record: &StepRecord, sections: &[Section]) -> StepView {
    let (mut state, outcome) = step_state(record);
    let mut outcome = outcome.to_owned();
    // What the evidence says counts for more than that the step came to its end.
    let id = match record.step {
        Step::Backup => "backup",
        Step::Rehearse => "rehearsal",
        Step::Plan => "plan",
        Step::Validate => "validation",
        Step::Restore => "restore",
        _ => "",
    };
    let of_evidence = sections
        .iter()
        .find(|section| section.id == id)
        .and_then(|section| section.status.as_ref());
    if let Some((seen, word)) = of_evidence
        && matches!(state, State::Good)
        && *seen != State::Good
    {
        (state, outcome) = (*seen, word.clone());
    }
    let took = record
        .started
        .as_ref()
        .zip(record.finished.as_ref())
        .and_then(|(started, finished)| seconds_between(started, finished));
    StepView {
        name: capital(&record.step.to_string()),
        state,
        outcome,
        duration: took.map(duration),
        summary: record.summary.clone().unwrap_or_default(),
    }
}

fn figures(report: &Report) -> Vec<Figure> {
    let mut figures = Vec::new();
    if let Some(stall) = report
        .plan
        .as_ref()
        .and_then(|plan| plan.longest_stall.as_ref())
    {
        figures.push(Figure {
            label: "Longest stall".to_owned(),
            value: match stall.duration.basis {
                Basis::Unknown => "?".to_owned(),
                _ => duration(stall.duration.seconds),
            },
            note: Text::new()
                .badge(State::Estimated, "planned")
                .plain(" on ")
                .code(stall.table.as_deref().unwrap_or("the whole database")),
        });
    }
    let restore = report
        .backup
        .as_ref()
        .and_then(|backup| backup.verification.restore_seconds);
    if let Some(seconds) = restore {
        figures.push(Figure {
            label: "Time to restore".to_owned(),
            value: duration(seconds),
            note: Text::new().badge(State::Estimated, "as in the trial"),
        });
    }
    let scripts: Vec<_> = report.log.applied().collect();
    let total: f64 = scripts.iter().filter_map(|it| it.duration_seconds).sum();
    if !scripts.is_empty() {
        let slowest = scripts.iter().max_by(|a, b| {
            a.duration_seconds
                .unwrap_or(0.0)
                .total_cmp(&b.duration_seconds.unwrap_or(0.0))
        });
        figures.push(Figure {
            label: "Time on the database".to_owned(),
            value: duration(total),
            note: slowest.map_or_else(Text::new, |one| {
                Text::new().plain("measured; longest ").code(&one.version)
            }),
        });
    }
    figures
}

fn footer(report: &Report) -> Vec<Text> {
    vec![
        Text::new()
            .badge(State::NotChecked, "not checked")
            .plain(" means that nobody looked, ")
            .badge(State::Estimated, "estimated")
            .plain(" that it was reckoned and not measured. Neither says that all is well."),
        Text::new().plain(format!(
            "Made by migrate {} at {} from what the run wrote down. Values of rows and passwords are not shown.",
            env!("CARGO_PKG_VERSION"),
            time(&report.made)
        )),
    ]
}

/// With a capital.
fn capital(text: &str) -> String {
    let mut chars = text.chars();
    let first: String = chars
        .next()
        .map(|c| c.to_uppercase().collect())
        .unwrap_or_default();
    first + chars.as_str()
}

/// With a capital and a final period.
fn sentence(text: &str) -> String {
    let end = if text.ends_with(['.', '!', '?']) {
        ""
    } else {
        "."
    };
    capital(text) + end
}
