//! The validation.

use super::super::Report;
use super::super::figure::{counted, duration, time};
use super::super::view::{Block, Section, State, Table, Text};
use super::without_evidence;
use crate::event::Step;
use crate::validate::{Check, CheckState, Validation};

const TITLE: &str = "Validation";

pub(super) fn section(report: &Report) -> Section {
    let Some(validation) = &report.validation else {
        return without_evidence(report, Step::Validate, "validation", TITLE);
    };
    let (state, word) = verdict(validation);
    let section = Section::new("validation", TITLE)
        .status(state, word)
        .block(Block::Facts(facts(validation)));
    let (good, others): (Vec<&Check>, Vec<&Check>) = validation
        .checks
        .iter()
        .partition(|check| check.state == CheckState::Passed && check.message.is_none());
    let section = match others.is_empty() {
        true => section,
        false => section
            .block(Block::Heading("To look at".to_owned()))
            .block(Block::Table(table(&others))),
    };
    match good.is_empty() {
        true => section,
        false => section.block(Block::Details {
            summary: format!("{} passed", counted(good.len(), "check")).into(),
            blocks: vec![Block::Table(table(&good))],
        }),
    }
}

/// What keeps the run from being plainly good.
pub(super) fn remark(report: &Report) -> Option<String> {
    let validation = report.validation.as_ref()?;
    match verdict(validation) {
        (State::Good, _) => None,
        _ => Some(format!("the validation: {}", validation.summary())),
    }
}

/// What was not looked at is no failure, and not right either.
fn verdict(validation: &Validation) -> (State, &'static str) {
    if validation.count(CheckState::Failed) > 0 {
        (State::Bad, "failed")
    } else if validation.count(CheckState::Warning) > 0 {
        (State::Attention, "to look at")
    } else if validation.count(CheckState::NotChecked) > 0 || validation.checks.is_empty() {
        (State::NotChecked, "not all was checked")
    } else {
        (State::Good, "holds")
    }
}

fn facts(validation: &Validation) -> Vec<(String, Text)> {
    let before = match &validation.before {
        Some(taken) => format!("what was read at {}", time(taken)).into(),
        None => Text::new().badge(State::NotChecked, "nothing: there was no reading before"),
    };
    vec![
        ("Begun".to_owned(), time(&validation.started).into()),
        ("Took".to_owned(), duration(validation.seconds).into()),
        ("Looked at".to_owned(), validation.summary().into()),
        ("Compared with".to_owned(), before),
    ]
}

fn table(checks: &[&Check]) -> Table {
    let mut table = Table::new(["Check", "What", "", "Why"]);
    for check in checks {
        let state = match check.state {
            CheckState::Passed => State::Good,
            CheckState::Failed => State::Bad,
            CheckState::Warning => State::Attention,
            CheckState::NotChecked => State::NotChecked,
        };
        table.row([
            check.kind.words().into(),
            Text::new().code(&check.subject),
            Text::new().badge(state, check.state.words()),
            check
                .message
                .as_deref()
                .map_or_else(Text::new, Text::marked),
        ]);
    }
    table
}
