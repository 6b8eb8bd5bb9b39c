//! Which run, on which database, by whom.

use super::super::Report;
use super::super::figure::{count, time};
use super::super::view::{Block, Section, State, Table, Text};

pub(super) fn section(report: &Report) -> Section {
    let identity = &report.identity;
    let around = &identity.surroundings;
    let unknown = || Text::new().badge(State::NotChecked, "not known");
    let code = |text: &Option<String>| match text {
        Some(text) => Text::new().plain(text),
        None => unknown(),
    };
    let when = |text: &Option<String>| text.as_deref().map_or_else(unknown, |it| time(it).into());
    let facts = vec![
        ("Run".to_owned(), Text::new().code(&identity.run)),
        ("Began".to_owned(), when(&identity.started)),
        ("Ended".to_owned(), when(&identity.finished)),
        ("Operator".to_owned(), code(&around.operator)),
        ("Host".to_owned(), code(&around.host)),
        (
            "Tool".to_owned(),
            Text::new().plain(format!("migrate {}", identity.tool_version)),
        ),
        ("Database".to_owned(), Text::new().code(&identity.database)),
        (
            "Server".to_owned(),
            around
                .server
                .as_ref()
                .map_or_else(unknown, |server| server.version.as_str().into()),
        ),
        (
            "Git commit".to_owned(),
            around.git.as_ref().map_or_else(unknown, |git| {
                let text = Text::new().code(&git.commit);
                match git.changed {
                    true => text
                        .plain(" ")
                        .badge(State::Attention, "the directory differs from it"),
                    false => text,
                }
            }),
        ),
        (
            "Migrations".to_owned(),
            around.migrations.as_ref().map_or_else(unknown, |all| {
                Text::new()
                    .plain(format!("{}, SHA-256 ", count(all.count)))
                    .code(&all.sha256)
            }),
        ),
    ];
    let mut section = Section::new("identity", "The run").block(Block::Facts(facts));
    if let Some(server) = around.server.as_ref().filter(|it| !it.settings.is_empty()) {
        let mut table = Table::new(["Setting", "Value"]);
        for setting in &server.settings {
            table.row([
                Text::new().code(&setting.name),
                Text::new().code(&setting.value),
            ]);
        }
        section = section.block(Block::Details {
            summary: "Settings of the server".into(),
            blocks: vec![Block::Table(table)],
        });
    }
    if !report.unreadable.is_empty() {
        let lines = report.unreadable.iter().map(|one| {
            Text::new()
                .badge(State::NotChecked, "unreadable")
                .plain(format!(" {one}"))
        });
        section = section.block(Block::List(lines.collect()));
    }
    section
}
