//! The rehearsal.

use super::super::Report;
use super::super::figure::{count, counted, duration, first_line, time};
use super::super::rollback::Tried;
use super::super::view::{Block, Section, State, Table, Text};
use super::without_evidence;
use crate::event::Step;
use crate::rehearse::{
    CopyOf, DataState, NewRow, NewRowsState, NotComparable, Pass, RehearsalEvidence, RowsWritten,
    SchemaState, Verdict,
};

const TITLE: &str = "Rehearsal";

pub(super) fn section(report: &Report) -> Section {
    let Some(rehearsal) = &report.rehearsal else {
        return without_evidence(report, Step::Rehearse, "rehearsal", TITLE);
    };
    let (state, word) = match rehearsal.verdict {
        Verdict::Passed => (State::Good, "passed"),
        Verdict::Partly => (State::NotChecked, "passed in part"),
        Verdict::Failed => (State::Bad, "failed"),
    };
    let mut section = Section::new("rehearsal", TITLE)
        .status(state, word)
        .block(Block::Facts(facts(rehearsal)));
    let remarks = rehearsal.reasons.iter().chain(&rehearsal.notes);
    let remarks: Vec<Text> = remarks.map(|it| Text::marked(it)).collect();
    if !remarks.is_empty() {
        section = section
            .block(Block::Heading("To be known".to_owned()))
            .block(Block::List(remarks));
    }
    if !rehearsal.only_up.is_empty() {
        let only = rehearsal.only_up.iter().map(|one| {
            Text::new()
                .badge(State::NotChecked, "only applied")
                .plain(" ")
                .code(&one.version)
                .plain(format!(" {}: ", one.name))
                .then(Text::marked(&one.why))
        });
        section = section.block(Block::List(only.collect()));
    }
    section = section.blocks(after_down(rehearsal));
    section = section.blocks(kinds_of_rows(&rehearsal.new_rows));
    for (name, pass) in [
        ("Up", &rehearsal.up),
        ("Down", &rehearsal.down),
        ("Up again", &rehearsal.again),
    ] {
        section = section.blocks(pass.as_ref().map(|pass| details(name, pass)));
    }
    section
}

fn facts(rehearsal: &RehearsalEvidence) -> Vec<(String, Text)> {
    let copy = match &rehearsal.copy_of {
        CopyOf::Empty { .. } => Text::new()
            .badge(State::NotChecked, "the schema alone")
            .plain(" without data"),
        copy => match matches!(copy, CopyOf::Staging) {
            true => "the staging database".into(),
            false => "the restored backup".into(),
        },
    };
    let place = match rehearsal.place.private {
        true => "a private server of its own, which does not wait for the disk",
        false => "a server that others use",
    };
    let way = |pass: &Option<Pass>| match pass {
        None => Text::new().badge(State::NotChecked, "not tried"),
        Some(pass) => match &pass.failure {
            None => Text::new()
                .badge(State::Good, "worked")
                .plain(format!(" {}", duration(pass.duration_seconds))),
            Some(why) => Text::new()
                .badge(State::Bad, "failed")
                .plain(format!(" {why}")),
        },
    };
    let schema = match &rehearsal.schema {
        SchemaState::Equal => Text::new().badge(State::Good, "equal"),
        SchemaState::Differs { differences } => {
            Text::new().badge(State::Bad, counted(differences.len(), "difference"))
        }
        SchemaState::NotChecked { why } => Text::new()
            .badge(State::NotChecked, "not checked")
            .plain(format!(" {why}")),
    };
    let compared = |tables: &usize, rows: &u64| {
        format!(" {}, {} rows", counted(*tables, "table"), count(*rows))
    };
    let data = match &rehearsal.data {
        DataState::Equal { tables, rows } => Text::new()
            .badge(State::Good, "equal")
            .plain(compared(tables, rows)),
        DataState::EqualAsFarAsComparable { tables, rows, .. } => Text::new()
            .badge(State::NotChecked, "equal as far as comparable")
            .plain(compared(tables, rows)),
        DataState::Differs { differences, .. } => {
            Text::new().badge(State::Bad, counted(differences.len(), "difference"))
        }
        DataState::NotChecked { why } => Text::new()
            .badge(State::NotChecked, "not checked")
            .plain(format!(" {why}")),
    };
    vec![
        ("Held".to_owned(), time(&rehearsal.started).into()),
        ("Copy of".to_owned(), copy),
        (
            "On".to_owned(),
            format!("{place}: {}", rehearsal.place.server).into(),
        ),
        ("Up".to_owned(), way(&rehearsal.up)),
        ("Down".to_owned(), way(&rehearsal.down)),
        ("Up again".to_owned(), way(&rehearsal.again)),
        ("Schema after down".to_owned(), schema),
        ("Data after down".to_owned(), data),
        (
            "Down with rows of the new schema".to_owned(),
            new_rows(&rehearsal.new_rows),
        ),
    ]
}

fn new_rows(state: &NewRowsState) -> Text {
    let made = |rows: &[NewRow]| rows.iter().filter(|it| it.not_made.is_none()).count();
    match state {
        NewRowsState::Nothing => "the new schema allows no rows that the old one does not".into(),
        NewRowsState::Reverted {
            rows,
            duration_seconds,
        } => {
            let badge = match made(rows) == rows.len() {
                true => Text::new().badge(State::Good, "worked"),
                false => Text::new().badge(State::NotChecked, "worked with some"),
            };
            badge.plain(format!(
                " {} of {} in {}",
                made(rows),
                counted(rows.len(), "kind"),
                duration(*duration_seconds)
            ))
        }
        NewRowsState::DownFails { failure, .. } => Text::new()
            .badge(State::Attention, "fails")
            .plain(format!(" {failure}")),
        NewRowsState::NotTried { why, .. } => Text::new()
            .badge(State::NotChecked, "not tried")
            .plain(format!(" {why}")),
    }
}

/// The rows of which each kind was tried, or why it was not.
fn kinds_of_rows(state: &NewRowsState) -> Vec<Block> {
    let rows = match state {
        NewRowsState::Nothing => return Vec::new(),
        NewRowsState::Reverted { rows, .. }
        | NewRowsState::DownFails { rows, .. }
        | NewRowsState::NotTried { rows, .. } => rows,
    };
    let lines = rows.iter().map(|row| {
        let (state, word) = match (&row.not_made, state) {
            (Some(_), _) => (State::NotChecked, "not tried"),
            (None, NewRowsState::DownFails { .. }) => (State::Attention, "down fails with"),
            (None, _) => (State::Good, "down works with"),
        };
        let text = Text::new()
            .badge(state, word)
            .plain(format!(" {} ", row.kind.words()))
            .code(format!("{}.{}", row.table, row.columns.join("+")));
        match &row.not_made {
            Some(why) => text.plain(format!(": {why}")),
            None => text,
        }
    });
    vec![
        Block::Heading("Rows that only the new schema allows".to_owned()),
        Block::List(lines.collect()),
    ]
}

/// What was not the same after the way down, and what cannot be compared.
fn after_down(rehearsal: &RehearsalEvidence) -> Vec<Block> {
    let mut lines: Vec<Text> = Vec::new();
    let differs = |line: &String| {
        Text::new()
            .badge(State::Bad, "differs")
            .plain(" ")
            .then(Text::marked(line))
    };
    if let SchemaState::Differs { differences } = &rehearsal.schema {
        lines.extend(differences.iter().map(differs));
    }
    let mut not_comparable: &[NotComparable] = &[];
    match &rehearsal.data {
        DataState::Differs {
            differences,
            not_comparable: columns,
        } => {
            lines.extend(differences.iter().map(differs));
            not_comparable = columns;
        }
        DataState::EqualAsFarAsComparable {
            not_comparable: columns,
            ..
        } => not_comparable = columns,
        DataState::Equal { .. } | DataState::NotChecked { .. } => {}
    }
    for one in not_comparable {
        for (column, why) in &one.columns {
            lines.push(
                Text::new()
                    .badge(State::NotChecked, "not comparable")
                    .plain(" ")
                    .code(format!("{}.{column}", one.table))
                    .plain(format!(": {why}")),
            );
        }
    }
    if lines.is_empty() {
        return Vec::new();
    }
    vec![
        Block::Heading("After the way down".to_owned()),
        Block::List(lines),
    ]
}

fn details(name: &str, pass: &Pass) -> Block {
    let mut table = Table::new([
        "Version",
        "Statement",
        "SQL",
        "Locks held at its end",
        "Took",
    ])
    .numbers(&["Statement", "Took"]);
    for migration in &pass.migrations {
        for one in &migration.statements {
            let mut locks = Text::new();
            for lock in one.locks.iter().flatten() {
                let between = if locks.is_empty() { "" } else { "; " };
                locks = locks
                    .plain(format!("{between}{} on ", lock.mode))
                    .code(&lock.object);
            }
            table.row([
                Text::new().code(&migration.version),
                count(one.index + 1).into(),
                Text::new().code(first_line(&one.sql)),
                locks,
                match one.duration_seconds {
                    Some(seconds) => duration(seconds).into(),
                    None => Text::new().badge(State::Bad, "failed"),
                },
            ]);
        }
    }
    Block::Details {
        summary: format!(
            "{name}: {} in {}",
            counted(pass.migrations.len(), "migration"),
            duration(pass.duration_seconds)
        )
        .into(),
        blocks: match written(pass.rows.as_deref().unwrap_or_default()) {
            None => vec![Block::Table(table)],
            Some(rows) => vec![Block::Table(table), rows],
        },
    }
}

/// The rows that a way wrote.
fn written(rows: &[RowsWritten]) -> Option<Block> {
    let lines = rows.iter().map(|row| {
        let counts = [
            ("inserted", row.inserted),
            ("updated", row.updated),
            ("deleted", row.deleted),
        ];
        let counts = counts.iter().filter(|(_, count)| *count > 0);
        let counts: Vec<String> = counts
            .map(|(word, rows)| format!("{} {word}", count(*rows)))
            .collect();
        Text::new()
            .plain("Rows of ")
            .code(&row.table)
            .plain(format!(": {}", counts.join(", ")))
    });
    let lines: Vec<Text> = lines.collect();
    (!lines.is_empty()).then_some(Block::List(lines))
}

/// Whether the way there and back was tried and worked; `None` where nobody tried.
pub(crate) fn passed(report: &Report) -> Option<bool> {
    let rehearsal = report.rehearsal.as_ref()?;
    Some(rehearsal.verdict == Verdict::Passed)
}

/// What trying the down scripts came to, and how long they took.
pub(crate) fn way_down(report: &Report) -> (Tried, Option<f64>) {
    let Some(rehearsal) = &report.rehearsal else {
        return (Tried::No, None);
    };
    let Some(down) = &rehearsal.down else {
        return (Tried::No, None);
    };
    let tried = match (&down.failure, rehearsal.verdict) {
        (Some(why), _) => Tried::Failed { why: why.clone() },
        (None, Verdict::Passed) => Tried::Worked {
            how: "on a copy; schema and data were as before".to_owned(),
        },
        (None, _) if is_different(rehearsal) => Tried::Failed {
            why: "on a copy; schema or data were not as before".to_owned(),
        },
        (None, _) if fails_with_new_rows(rehearsal) => Tried::Failed {
            why: "on a copy, once rows of the new schema were there".to_owned(),
        },
        // It ran, and whether it brings everything back is not known in full.
        (None, _) => Tried::No,
    };
    (tried, Some(down.duration_seconds))
}

fn fails_with_new_rows(rehearsal: &RehearsalEvidence) -> bool {
    matches!(rehearsal.new_rows, NewRowsState::DownFails { .. })
}

fn is_different(rehearsal: &RehearsalEvidence) -> bool {
    matches!(rehearsal.schema, SchemaState::Differs { .. })
        || matches!(rehearsal.data, DataState::Differs { .. })
}

/// What keeps it from being plainly good.
pub(super) fn remark(report: &Report) -> Option<String> {
    match report.rehearsal.as_ref()?.verdict {
        Verdict::Passed => None,
        Verdict::Partly => Some("the rehearsal passed in part".to_owned()),
        Verdict::Failed => Some("the rehearsal failed".to_owned()),
    }
}
