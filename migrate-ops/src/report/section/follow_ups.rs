//! What is left to do.

use super::super::Report;
use super::super::view::{Block, Section, State, Text};

pub(super) fn section(report: &Report) -> Option<Section> {
    let all = &report.follow_ups;
    if all.is_empty() {
        return None;
    }
    let items = all.iter().map(|one| {
        let text = Text::new().plain(one.text.as_str());
        match &one.command {
            Some(command) => text.plain(": ").then(Text::instruction(command)),
            None => text,
        }
    });
    Some(
        Section::new("follow-ups", "Left to do")
            .status(State::Attention, all.len().to_string())
            .block(Block::List(items.collect())),
    )
}
