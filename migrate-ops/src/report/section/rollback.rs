//! How to go back.

use super::super::figure::duration;
use super::super::rollback::{RollbackWay, Tried};
use super::super::view::{Block, Section, State, Text};
use super::super::{Report, rollback};

pub(super) fn section(report: &Report) -> Option<Section> {
    if rollback::is_pointless(report) {
        return None;
    }
    let ways = &report.rollback.ways;
    let usable: Vec<&RollbackWay> = ways.iter().filter(|way| !way.commands.is_empty()).collect();
    let worked = |way: &&RollbackWay| matches!(way.tried, Tried::Worked { .. });
    let (state, word) = match (usable.is_empty(), usable.iter().any(worked)) {
        (true, _) => (State::Bad, "no way back is known"),
        (false, true) => (State::Good, "tried"),
        (false, false) => (State::NotChecked, "not tried"),
    };
    let mut section = Section::new("rollback", "Rollback plan").status(state, word);
    if ways.is_empty() {
        section = section.block(Block::Paragraph(
            "Nothing that the run left says how to go back.".into(),
        ));
    } else {
        section = section.block(Block::Paragraph(
            Text::new()
                .plain("The commands take the database from the environment, as the run did: ")
                .code("DATABASE_URL")
                .plain(" or what ")
                .code("migrate.toml")
                .plain(" names."),
        ));
    }
    for (at, way) in ways.iter().enumerate() {
        section = section
            .block(Block::Heading(format!("{}. {}", at + 1, way.title)))
            .block(Block::Facts(facts(way)));
        if !way.commands.is_empty() {
            section = section.block(Block::Code(way.commands.join("\n")));
        }
    }
    Some(section)
}

fn facts(way: &RollbackWay) -> Vec<(String, Text)> {
    let mut facts = vec![
        ("When".to_owned(), Text::from(way.when.as_str())),
        (
            "Tried".to_owned(),
            match &way.tried {
                Tried::Worked { how } => Text::new()
                    .badge(State::Good, "worked")
                    .plain(format!(" {how}")),
                Tried::Failed { why } => Text::new()
                    .badge(State::Bad, "failed")
                    .plain(format!(" {why}")),
                Tried::No => Text::new().badge(State::NotChecked, "not tried"),
            },
        ),
    ];
    if let Some(seconds) = way.duration_seconds {
        facts.push((
            "Takes".to_owned(),
            Text::new()
                .plain(duration(seconds))
                .plain(" ")
                .badge(State::Estimated, "as long as when it was tried"),
        ));
    }
    facts.push((
        "Loses".to_owned(),
        match way.loses.is_empty() {
            true if way.commands.is_empty() => "—".into(),
            true => "Nothing that is known of".into(),
            false => Text::new()
                .badge(State::Attention, "data")
                .plain(format!(" {}", way.loses.join("; "))),
        },
    ));
    facts
}
