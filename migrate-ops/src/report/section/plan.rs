//! The plan: what was expected of the run, and its risks.

use super::super::Report;
use super::super::figure::{bytes, count, duration, first_line};
use super::super::view::{Block, Section, State, Table, Text};
use super::without_evidence;
use crate::event::Step;
use crate::forecast::{Basis, Blocked, Estimate, Forecast, MigrationForecast, Stall, WorkKind};

const TITLE: &str = "Risk plan";

pub(super) fn section(report: &Report) -> Section {
    let Some(plan) = &report.plan else {
        return without_evidence(report, Step::Plan, "plan", TITLE);
    };
    let (state, word) = match (plan.verdict.go, plan.not_checked.is_empty()) {
        (false, _) => (State::Bad, "no-go"),
        (true, true) => (State::Good, "go"),
        (true, false) => (State::NotChecked, "go, with parts not checked"),
    };
    let mut section = Section::new("plan", TITLE)
        .status(state, word)
        .block(Block::Facts(facts(plan)));
    if !plan.verdict.reasons.is_empty() {
        let reasons = plan.verdict.reasons.iter().map(|reason| {
            let badge = match reason.against {
                true => Text::new().badge(State::Bad, "against"),
                false => Text::new().badge(State::Attention, "know"),
            };
            badge.plain(" ").then(Text::marked(&reason.text))
        });
        section = section
            .block(Block::Heading("For and against".to_owned()))
            .block(Block::List(reasons.collect()));
    }
    if !plan.not_checked.is_empty() {
        let lines = plan.not_checked.iter().map(|line| {
            Text::new()
                .badge(State::NotChecked, "not checked")
                .plain(" ")
                .then(Text::marked(line))
        });
        section = section.block(Block::List(lines.collect()));
    }
    if !plan.in_the_way.is_empty() {
        section = section
            .block(Block::Heading(
                "In the way when the plan was made".to_owned(),
            ))
            .block(Block::Table(in_the_way(plan)));
    }
    section = section.block(Block::Heading("Migrations".to_owned()));
    for migration in &plan.migrations {
        section = section.block(of_migration(migration));
    }
    if !plan.tables.is_empty() {
        section = section
            .block(Block::Heading("Tables".to_owned()))
            .block(Block::Table(tables(plan)));
    }
    section
}

fn facts(plan: &Forecast) -> Vec<(String, Text)> {
    let mut facts = vec![
        ("Applying takes".to_owned(), estimate(&plan.apply)),
        (
            "Longest stall".to_owned(),
            match &plan.longest_stall {
                None => "Nobody is kept away".into(),
                Some(stall) => estimate(&stall.duration)
                    .plain(" on ")
                    .code(stall.table.as_deref().unwrap_or("the whole database"))
                    .plain(format!(
                        ": {} wait, {}, migration ",
                        stall.blocks, stall.mode
                    ))
                    .code(&stall.version),
            },
        ),
        (
            "Window".to_owned(),
            match (plan.window.limit_seconds, plan.window.fits) {
                (Some(limit), fits) => {
                    let needed = estimate(&plan.window.needed);
                    let (state, word) = match fits {
                        Some(true) => (State::Good, "fits"),
                        Some(false) => (State::Bad, "does not fit"),
                        None => (State::NotChecked, "not known"),
                    };
                    Text::new()
                        .badge(state, word)
                        .plain(" applying, validating and rolling back take ")
                        .then(needed)
                        .plain(format!(" of {}", duration(limit)))
                }
                (None, _) => Text::new().badge(State::NotChecked, "none given"),
            },
        ),
        (
            "Point of no return".to_owned(),
            match &plan.point_of_no_return {
                None => "None: every migration can be taken back".into(),
                Some(point) => Text::new()
                    .badge(State::Attention, "after")
                    .plain(" ")
                    .code(&point.version)
                    .plain(": ")
                    .then(Text::marked(&point.reason)),
            },
        ),
        (
            "Rolling back loses".to_owned(),
            match plan.rollback_loses.is_empty() {
                true => "Nothing that is known of".into(),
                false => Text::marked(&plan.rollback_loses.join("; ")),
            },
        ),
    ];
    facts.push((
        "Replicas".to_owned(),
        match &plan.replicas.following {
            None => Text::new().badge(State::NotChecked, "not seen"),
            Some(all) if all.is_empty() => "None".into(),
            Some(all) => {
                let names: Vec<&str> = all.iter().map(|one| one.name.as_str()).collect();
                let text = Text::new().plain(names.join(", "));
                match &plan.replicas.lag {
                    Some(lag) => text.plain("; they fall behind by ").then(estimate(lag)),
                    None => text,
                }
            }
        },
    ));
    if let Some(note) = &plan.replicas.note {
        facts.push((String::new(), Text::marked(note)));
    }
    facts
}

fn of_migration(migration: &MigrationForecast) -> Block {
    let mut table = Table::new([
        "Statement",
        "SQL",
        "Locks",
        "Keeps away",
        "Work",
        "Rows",
        "Size",
        "Takes",
    ])
    .numbers(&["Statement", "Rows", "Size"]);
    for one in &migration.statements {
        let mut locks = Text::new();
        for lock in &one.locks {
            let between = if locks.is_empty() { "" } else { "; " };
            locks = locks
                .plain(format!("{between}{} on ", lock.mode))
                .code(lock.table.as_deref().unwrap_or("the whole database"));
        }
        if let Some(why) = &one.unknown {
            locks = Text::new()
                .badge(State::NotChecked, "not known")
                .plain(" ")
                .then(Text::marked(why));
        }
        let blocked = one
            .locks
            .iter()
            .map(|lock| lock.blocks)
            .max()
            .unwrap_or_default();
        let blocked = match (&one.unknown, blocked) {
            (Some(_), _) => Text::new().badge(State::NotChecked, "not known"),
            (None, Blocked::Nobody) => "nobody".into(),
            (None, blocked) => Text::new().badge(State::Attention, blocked.to_string()),
        };
        let mut sql = Text::new().code(first_line(&one.sql));
        for hazard in &one.hazards {
            let state = match hazard.waived {
                Some(_) => State::Neutral,
                None => State::Attention,
            };
            sql = sql.plain(" ").badge(state, hazard.rule.as_str());
        }
        table.row([
            // Counted from 1, as in the log.
            count(one.statement + 1).into(),
            sql,
            locks,
            blocked,
            match one.work {
                WorkKind::Unknown => Text::new().badge(State::NotChecked, "not known"),
                work => work.to_string().into(),
            },
            one.rows
                .map_or_else(Text::new, |rows| format!("≈ {}", count(rows)).into()),
            one.bytes.map_or_else(Text::new, |size| bytes(size).into()),
            estimate(&one.duration),
        ]);
    }
    let mut summary = Text::new()
        .code(&migration.version)
        .plain(format!(" {}, ", migration.name))
        .then(estimate(&migration.apply));
    if !migration.loses.is_empty() {
        summary = summary.plain(" ").badge(State::Attention, "loses data");
    }
    let mut blocks = vec![Block::Table(table)];
    if !migration.loses.is_empty() {
        let loses = migration.loses.iter().map(|it| Text::marked(it));
        blocks.push(Block::Heading("Loses".to_owned()));
        blocks.push(Block::List(loses.collect()));
    }
    Block::Details { summary, blocks }
}

fn in_the_way(plan: &Forecast) -> Table {
    let mut table = Table::new(["What", "Who", "Since", "Last statement", ""]);
    for one in &plan.in_the_way {
        table.row([
            one.kind.to_string().into(),
            one.who.as_str().into(),
            one.for_seconds
                .map_or_else(Text::new, |it| duration(it).into()),
            one.query
                .as_ref()
                .map_or_else(Text::new, |it| Text::new().code(first_line(it))),
            match one.blocks_run {
                true => Text::new().badge(State::Bad, "the run waits for it"),
                false => Text::new(),
            },
        ]);
    }
    table
}

fn tables(plan: &Forecast) -> Table {
    let mut table =
        Table::new(["Table", "Rows", "Data", "Indexes"]).numbers(&["Rows", "Data", "Indexes"]);
    let size = |of: Option<u64>| of.map_or_else(Text::new, |it| bytes(it).into());
    for one in &plan.tables {
        table.row([
            Text::new().code(&one.table),
            match one.rows {
                // None of the sources of a number of rows is exact.
                Some(rows) => format!("≈ {}", count(rows)).into(),
                None => Text::new().badge(State::NotChecked, "not known"),
            },
            size(one.table_bytes),
            size(one.index_bytes),
        ]);
    }
    table
}

/// A time, and that it is none that was measured here.
pub(super) fn estimate(of: &Estimate) -> Text {
    match of.basis {
        Basis::Rehearsal => Text::new()
            .plain(duration(of.seconds))
            .plain(" ")
            .badge(State::Estimated, "from the rehearsal"),
        Basis::Model => Text::new()
            .plain(duration(of.seconds))
            .plain(" ")
            .badge(State::Estimated, "estimated"),
        Basis::Unknown => Text::new().badge(State::NotChecked, "not known"),
    }
}

/// What users have to expect, in a sentence or two.
pub(crate) fn outlook(report: &Report) -> Option<String> {
    let plan = report.plan.as_ref()?;
    let about = |of: &Estimate| match of.basis {
        Basis::Unknown => "an unknown time".to_owned(),
        _ => format!("about {}", duration(of.seconds)),
    };
    let stall = match &plan.longest_stall {
        None => "Nobody should notice it.".to_owned(),
        Some(Stall {
            table,
            duration,
            blocks,
            ..
        }) => format!(
            "At worst, {blocks} on {} wait for {}.",
            table.as_deref().unwrap_or("the whole database"),
            about(duration)
        ),
    };
    Some(format!(
        "We expect it to take {}. {stall}",
        about(&plan.apply)
    ))
}

/// What is lost where the whole run is taken back.
pub(crate) fn rollback_loses(report: &Report) -> Vec<String> {
    report
        .plan
        .as_ref()
        .map(|plan| plan.rollback_loses.clone())
        .unwrap_or_default()
}
