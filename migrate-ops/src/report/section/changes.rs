//! What the run was for.

use super::super::Report;
use super::super::figure::{count, counted};
use super::super::view::{Block, Section, State, Table, Text};
use super::without_evidence;
use crate::analyse::{Analysis, DriftState, Finding, Pending, WayBack};
use crate::event::Step;

const TITLE: &str = "What changes";

pub(super) fn section(report: &Report) -> Section {
    let Some(analysis) = &report.analysis else {
        return without_evidence(report, Step::Analyse, "changes", TITLE);
    };
    let pending = analysis.pending.len();
    let (state, word) = match (&analysis.drift, pending) {
        (DriftState::Found { .. }, _) => (State::Attention, "the schema has drifted".to_owned()),
        (_, 0) => (State::Good, "nothing pending".to_owned()),
        _ => (
            State::Neutral,
            format!("{} pending", counted(pending, "migration")),
        ),
    };
    let mut section = Section::new("changes", TITLE)
        .status(state, word)
        .block(Block::Paragraph(from_to(analysis)));
    if pending > 0 {
        section = section.block(Block::Table(migrations(&analysis.pending)));
    }
    if !analysis.findings.is_empty() {
        section = section
            .block(Block::Heading("Findings about the scripts".to_owned()))
            .block(Block::Table(findings(&analysis.findings)));
    }
    section
        .block(Block::Heading("Changes to the schema".to_owned()))
        .blocks(changes(analysis))
        .block(Block::Heading("Drift before the run".to_owned()))
        .blocks(drift(&analysis.drift))
}

fn from_to(analysis: &Analysis) -> Text {
    let applied = counted(analysis.applied, "migration");
    let text = match &analysis.from {
        Some(from) => Text::new()
            .plain(format!("The database had {applied}, the newest "))
            .code(from),
        None => Text::new().plain("The database had no migration"),
    };
    match &analysis.to {
        Some(to) => text.plain("; the run leads to ").code(to).plain("."),
        None => text.plain("."),
    }
}

fn migrations(pending: &[Pending]) -> Table {
    let columns = [
        "Version",
        "Migration",
        "Statements",
        "Transaction",
        "Way back",
    ];
    let mut table = Table::new(columns).numbers(&["Statements"]);
    for one in pending {
        let rust = if one.rust { " and Rust code" } else { "" };
        table.row([
            Text::new().code(&one.version),
            Text::new().plain(&one.name),
            format!("{}{rust}", count(one.statements)).into(),
            match one.transaction {
                true => "one".into(),
                false => Text::new().badge(State::Neutral, "none"),
            },
            match &one.way_back {
                WayBack::Script => "down script".into(),
                WayBack::Missing => Text::new().badge(State::Attention, "no down script"),
                WayBack::Irreversible(reason) => Text::new()
                    .badge(State::Attention, "irreversible")
                    .plain(format!(" {reason}")),
            },
        ]);
    }
    table
}

fn findings(findings: &[Finding]) -> Table {
    let mut table = Table::new(["Version", "Finding", "Rule", "Level"]);
    for finding in findings {
        let level = match (&finding.waived, finding.level.as_str()) {
            (Some(reason), _) => Text::new()
                .badge(State::Neutral, "accepted")
                .then(Text::marked(&format!(" {reason}"))),
            (None, "error") => Text::new().badge(State::Bad, "error"),
            (None, "warning") => Text::new().badge(State::Attention, "warning"),
            (None, level) => Text::new().badge(State::Neutral, level),
        };
        let mut message = Text::marked(&finding.message);
        for note in &finding.notes {
            message = message.plain("; ").then(Text::marked(note));
        }
        let down = if finding.direction == "down" {
            " down"
        } else {
            ""
        };
        table.row([
            Text::new().code(&finding.version).plain(down),
            message,
            Text::new().code(&finding.rule),
            level,
        ]);
    }
    table
}

fn changes(analysis: &Analysis) -> Vec<Block> {
    let partial = analysis.changes_are_partial.then(|| {
        Block::Paragraph(
            Text::new()
                .badge(State::NotChecked, "in part")
                .plain(" Something in the scripts cannot be followed, so this may not be all."),
        )
    });
    let list = match &analysis.changes {
        None => Block::Paragraph(
            Text::new()
                .badge(State::NotChecked, "not checked")
                .plain(" The texts of the migrations were not at hand."),
        ),
        Some(changes) if changes.is_empty() => Block::Paragraph("None.".into()),
        Some(changes) => Block::List(changes.iter().map(|it| Text::marked(it)).collect()),
    };
    let partial = partial.filter(|_| analysis.changes.is_some());
    std::iter::once(list).chain(partial).collect()
}

fn drift(drift: &DriftState) -> Vec<Block> {
    let said = |state, word: &str, text: &str| {
        Block::Paragraph(Text::new().badge(state, word).plain(format!(" {text}")))
    };
    match drift {
        DriftState::None { partial: false } => vec![said(
            State::Good,
            "none",
            "The live schema was what the applied migrations make.",
        )],
        DriftState::None { partial: true } => vec![said(
            State::NotChecked,
            "compared in part",
            "What could be followed of the applied migrations is in the live schema.",
        )],
        DriftState::NotChecked { why } => {
            vec![said(State::NotChecked, "not checked", &format!("{why}."))]
        }
        DriftState::Found { differences } => vec![
            said(
                State::Attention,
                &counted(differences.len(), "difference"),
                "The live schema was not what the applied migrations make:",
            ),
            Block::List(differences.iter().map(|it| Text::marked(it)).collect()),
        ],
    }
}
