//! The backup that was put in the place of the database.

use super::super::Report;
use super::super::figure::{count, counted, duration, time};
use super::super::view::{Block, Section, State, Text};
use super::without_evidence;
use crate::event::Step;
use crate::reinstate::{Outcome, Reinstatement, Writers};

const TITLE: &str = "Restore";

/// Nothing where it was never begun.
pub(super) fn section(report: &Report) -> Option<Section> {
    let Some(restore) = &report.restore else {
        let begun = report.steps.iter().any(|it| it.step == Step::Restore);
        return begun.then(|| without_evidence(report, Step::Restore, "restore", TITLE));
    };
    let (state, word) = match restore.outcome {
        Outcome::Done => (State::Attention, "restored"),
        Outcome::Refused => (State::Bad, "refused"),
        Outcome::Failed => (State::Bad, "failed"),
        Outcome::GivenUp => (State::Attention, "given up"),
        Outcome::Unfinished => (State::Bad, "not finished"),
    };
    let mut section = Section::new("restore", TITLE)
        .status(state, word)
        .block(Block::Facts(facts(restore)));
    let (lines, badge) = match &restore.writers {
        Writers::Somebody { what } => (what.as_slice(), (State::Bad, "changed")),
        Writers::NotKnown { why } => (why.as_slice(), (State::NotChecked, "not known")),
        _ => (&[][..], (State::Neutral, "")),
    };
    let mut items: Vec<Text> = lines
        .iter()
        .map(|line| item(badge, line))
        .chain(
            restore
                .lost
                .iter()
                .map(|line| item((State::Bad, "lost"), line)),
        )
        .collect();
    items.extend(
        restore
            .fence
            .iter()
            .flat_map(|fence| &fence.holes)
            .map(|line| item((State::NotChecked, "not kept away"), line)),
    );
    items.extend(
        restore
            .notes
            .iter()
            .map(|line| item((State::Neutral, "note"), line)),
    );
    if !items.is_empty() {
        section = section
            .block(Block::Heading("To be known".to_owned()))
            .block(Block::List(items));
    }
    Some(section)
}

fn item((state, word): (State, &'static str), line: &str) -> Text {
    Text::new()
        .badge(state, word)
        .plain(" ")
        .then(Text::marked(line))
}

fn facts(restore: &Reinstatement) -> Vec<(String, Text)> {
    let writers = match &restore.writers {
        Writers::NotLooked => Text::new().badge(State::NotChecked, "not looked at"),
        Writers::Nobody { tables, rows } => {
            Text::new().badge(State::Good, "nobody").plain(format!(
                " {} with {} rows hold what the backup and the migrations come to",
                counted(*tables, "table"),
                count(*rows)
            ))
        }
        Writers::Somebody { .. } => Text::new().badge(State::Bad, "somebody"),
        Writers::NotKnown { .. } => Text::new().badge(State::NotChecked, "not known"),
    };
    let writers = match &restore.lose_writes_since {
        Some(_) => writers.plain("; that it may be lost was said"),
        None => writers,
    };
    let mut facts = vec![
        (
            "Backup".to_owned(),
            Text::new()
                .code(restore.backup.to_string())
                .plain(format!(" of {}", time(&restore.backup_made))),
        ),
        ("Others wrote since".to_owned(), writers),
    ];
    if let Some(fence) = &restore.fence {
        let held = match fence.held_seconds {
            Some(seconds) => format!(", for {}", duration(seconds)),
            None => String::new(),
        };
        let text = format!(
            "{}; {} of others ended{held}",
            fence.how,
            counted(fence.sessions_ended, "session")
        );
        facts.push(("Fence".to_owned(), text.into()));
    }
    if restore.is_done() {
        let compared = format!(
            "{}, {} rows",
            counted(restore.tables_compared, "table"),
            count(restore.rows_compared)
        );
        facts.push((
            "Compared".to_owned(),
            Text::new()
                .badge(State::Good, "equal")
                .plain(format!(" {compared}")),
        ));
        facts.push((
            "The old database".to_owned(),
            Text::new().plain("kept as ").code(&restore.kept),
        ));
        facts.push((
            "Taken back".to_owned(),
            match restore.undone.is_empty() {
                true => Text::new().plain("no migration"),
                false => restore.undone.join(", ").into(),
            },
        ));
    }
    if let Some(reason) = &restore.reason {
        facts.push(("Why".to_owned(), Text::marked(reason)));
    }
    facts
}
