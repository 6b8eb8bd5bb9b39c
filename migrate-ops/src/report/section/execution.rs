//! What was done to the database, and when.

use super::super::figure::{counted, duration, first_line, seconds_between, time};
use super::super::log::LoggedScript;
use super::super::view::{Bar, BarKind, Block, Lane, Section, State, Table, Text, Timeline};
use super::super::{Report, StepOutcome};
use super::{step_state, without_evidence};
use crate::event::Step;
use crate::execute::MonitorState;

/// More lanes than these are a picture no more; the table has all.
const LANES: usize = 40;

pub(super) fn section(report: &Report) -> Section {
    let scripts: Vec<&LoggedScript> = report.log.applied().collect();
    let mut section = match scripts.is_empty() {
        true => without_evidence(report, Step::Apply, "execution", "Execution"),
        false => {
            let record = report.steps.iter().find(|step| step.step == Step::Apply);
            let (state, word) = record.map_or((State::NotChecked, "not known"), step_state);
            Section::new("execution", "Execution").status(state, word)
        }
    };
    section = section.blocks(whole_run(report).map(Block::Timeline));
    if scripts.is_empty() {
        return section;
    }
    section
        .blocks(migrations(&scripts).map(Block::Timeline))
        .block(Block::Table(table(&scripts)))
        .blocks(statements(&scripts))
        .blocks(watched(report))
        .blocks(super::figures::blocks(report))
        .blocks(decisions(report))
        .blocks(warnings(report))
}

/// The steps, one a lane.
fn whole_run(report: &Report) -> Option<Timeline> {
    let origin = report.steps.iter().find_map(|step| step.started.as_ref())?;
    let mut lanes = Vec::new();
    let mut seconds: f64 = 0.0;
    for step in &report.steps {
        let Some(from) = step
            .started
            .as_ref()
            .and_then(|at| seconds_between(origin, at))
        else {
            continue;
        };
        let finished = step
            .finished
            .as_ref()
            .and_then(|at| seconds_between(origin, at));
        // A step that did not end is as long as what is known of it.
        let known = report
            .log
            .scripts
            .iter()
            .filter(|one| one.step == step.step);
        let to = finished
            .or_else(|| known.filter_map(|one| one.end(origin)).reduce(f64::max))
            .unwrap_or(from);
        seconds = seconds.max(to);
        let (state, word) = step_state(step);
        let took = match step.outcome {
            StepOutcome::Running | StepOutcome::Interrupted => word.to_owned(),
            _ => duration(to - from),
        };
        lanes.push(Lane {
            label: step.step.to_string(),
            bars: vec![Bar {
                from,
                to,
                kind: BarKind::Work(state),
                title: format!("{}: {took}, {word}", step.step),
            }],
            note: took,
        });
    }
    (lanes.len() > 1).then(|| Timeline {
        title: format!("The whole run, from {}", time(origin)),
        seconds,
        lanes,
    })
}

/// The scripts on the database, one a lane, with their statements and waits.
fn migrations(scripts: &[&LoggedScript]) -> Option<Timeline> {
    let origin = &scripts.first()?.started;
    let mut all: Vec<(f64, Lane)> = Vec::new();
    let mut seconds: f64 = 0.0;
    for script in scripts {
        let from = seconds_between(origin, &script.started)?;
        let to = script.end(origin)?.max(from);
        seconds = seconds.max(to);
        all.push((to - from, lane(script, origin, from, to)));
    }
    let left_out = all.len().saturating_sub(LANES);
    if left_out > 0 {
        let mut lengths: Vec<f64> = all.iter().map(|(length, _)| *length).collect();
        lengths.sort_by(f64::total_cmp);
        let shortest = lengths.get(left_out).copied().unwrap_or_default();
        let mut left = left_out;
        all.retain(|(length, _)| {
            let short = left > 0 && *length <= shortest;
            left -= usize::from(short);
            !short
        });
    }
    let what = counted(scripts.len(), "script");
    let title = match left_out {
        0 => format!("{what} on the database, from {}", time(origin)),
        _ => format!(
            "The {LANES} longest of {what} on the database, from {}",
            time(origin)
        ),
    };
    Some(Timeline {
        title,
        seconds,
        lanes: all.into_iter().map(|(_, lane)| lane).collect(),
    })
}

fn lane(script: &LoggedScript, origin: &str, from: f64, to: f64) -> Lane {
    let mut bars = Vec::new();
    let state = match script.finished {
        Some(_) => State::Good,
        None => State::Bad,
    };
    for (at, statement) in script.log.iter().enumerate() {
        let Some(begun) = seconds_between(origin, &statement.started) else {
            continue;
        };
        let next = script.log.get(at + 1).map(|next| next.started.as_str());
        let timeout = script.lock_timeouts.iter().find(|it| {
            it.time >= statement.started && next.is_none_or(|next| it.time.as_str() <= next)
        });
        let name = format!(
            "statement {} (line {})",
            statement.statement, statement.line
        );
        match (statement.duration_seconds, timeout) {
            (Some(seconds), _) => bars.push(Bar {
                from: begun,
                to: begun + seconds,
                kind: BarKind::Work(State::Good),
                title: format!("{name}: {}", duration(seconds)),
            }),
            (None, Some(timeout)) => {
                let end = seconds_between(origin, &timeout.time).unwrap_or(begun);
                bars.push(Bar {
                    from: begun,
                    to: end,
                    kind: BarKind::Wait,
                    title: format!("{name}: waited {} for a lock", duration(end - begun)),
                });
                bars.push(Bar {
                    from: end,
                    to: end + timeout.pause_seconds,
                    kind: BarKind::Pause,
                    title: format!("pause of {}", duration(timeout.pause_seconds)),
                });
            }
            (None, None) => bars.push(Bar {
                from: begun,
                to: to.max(begun),
                kind: BarKind::Work(state),
                title: match state {
                    State::Bad => format!("{name}: not known to be done"),
                    _ => name,
                },
            }),
        }
    }
    if bars.is_empty() {
        bars.push(Bar {
            from,
            to,
            kind: BarKind::Work(state),
            title: duration(to - from),
        });
    }
    let back = if script.direction == "down" {
        "↩ "
    } else {
        ""
    };
    Lane {
        label: format!("{back}{}_{}", script.version, script.name),
        note: match script.finished {
            Some(_) => duration(script.duration_seconds.unwrap_or(to - from)),
            None => "not finished".to_owned(),
        },
        bars,
    }
}

fn table(scripts: &[&LoggedScript]) -> Table {
    let mut table = Table::new(["Version", "Migration", "", "Began", "Took", "Lock timeouts"])
        .numbers(&["Took", "Lock timeouts"]);
    for script in scripts {
        let state = match (script.finished.is_some(), script.direction.as_str()) {
            (true, "down") => Text::new().badge(State::Attention, "reverted"),
            (true, _) => Text::new().badge(State::Good, "applied"),
            (false, _) => Text::new().badge(State::Bad, "not finished"),
        };
        table.row([
            Text::new().code(&script.version),
            script.name.as_str().into(),
            state,
            time(&script.started).into(),
            match script.duration_seconds {
                Some(seconds) => duration(seconds).into(),
                None => Text::new(),
            },
            match script.lock_timeouts.len() {
                0 => Text::new(),
                n => n.to_string().into(),
            },
        ]);
    }
    table
}

/// Each statement, for whoever looks for the slow one.
fn statements(scripts: &[&LoggedScript]) -> Option<Block> {
    let mut table = Table::new(["Version", "Statement", "Line", "Began", "Took"]).numbers(&[
        "Statement",
        "Line",
        "Took",
    ]);
    for script in scripts {
        for one in &script.log {
            table.row([
                Text::new().code(&script.version),
                one.statement.to_string().into(),
                one.line.to_string().into(),
                time(&one.started).into(),
                match one.duration_seconds {
                    Some(seconds) => duration(seconds).into(),
                    None => Text::new().badge(State::Attention, "no end"),
                },
            ]);
        }
    }
    let count = table.rows.len();
    (count > 0).then(|| Block::Details {
        summary: format!("{}, one by one", counted(count, "statement")).into(),
        blocks: vec![Block::Table(table)],
    })
}

/// What stood in the way, what was lost, what ran along.
fn watched(report: &Report) -> Vec<Block> {
    let Some(execution) = &report.execution else {
        return Vec::new();
    };
    let mut blocks = Vec::new();
    let mut blockers = Table::new([
        "Version",
        "Statement",
        "Session",
        "Waited for",
        "Its statement",
    ])
    .numbers(&["Statement"]);
    for script in &execution.scripts {
        for statement in &script.statements {
            for one in &statement.blockers {
                let who = [
                    Some(one.session.as_str()),
                    one.user.as_deref(),
                    one.application.as_deref(),
                ];
                let who: Vec<&str> = who.into_iter().flatten().collect();
                let who = Text::new().plain(who.join(", "));
                blockers.row([
                    Text::new().code(&script.version),
                    statement.statement.to_string().into(),
                    match one.certain {
                        true => who,
                        false => who.plain(" ").badge(State::Estimated, "likely"),
                    },
                    one.waits_for.as_deref().unwrap_or_default().into(),
                    one.query
                        .as_deref()
                        .map_or_else(Text::new, |it| Text::new().code(first_line(it))),
                ]);
            }
        }
    }
    if !blockers.rows.is_empty() {
        blocks.push(Block::Heading("Who stood in the way".to_owned()));
        blocks.push(Block::Table(blockers));
    }
    let monitor = match &execution.monitor {
        MonitorState::Watching => None,
        MonitorState::Partly(why) => Some(("watched in part", why)),
        MonitorState::NotWatching(why) => Some(("not watched", why)),
    };
    let mut lines: Vec<Text> = Vec::new();
    lines.extend(monitor.map(|(word, why)| {
        Text::new()
            .badge(State::NotChecked, word)
            .plain(format!(" {why}"))
    }));
    lines.extend(execution.lost.iter().map(|one| {
        Text::new()
            .badge(State::Bad, "lost")
            .plain(format!(" {one}"))
    }));
    lines.extend(execution.pauses.iter().map(|one| {
        let state = if one.ended_well {
            State::Neutral
        } else {
            State::Bad
        };
        let text = format!(
            " {} from {}: {}",
            duration(one.duration_seconds),
            time(&one.started),
            one.reason
        );
        Text::new().badge(state, "pause").plain(text)
    }));
    lines.extend(execution.hooks.iter().map(|one| {
        let (state, word) = match one.succeeded {
            true => (State::Good, "hook"),
            false => (State::Bad, "hook failed"),
        };
        Text::new()
            .badge(state, word)
            .plain(format!(" {} ", one.hook))
            .code(&one.command)
            .plain(format!(", {}", duration(one.duration_seconds)))
    }));
    if !lines.is_empty() {
        blocks.push(Block::Heading("What the monitor saw".to_owned()));
        blocks.push(Block::List(lines));
    }
    blocks
}

fn decisions(report: &Report) -> Vec<Block> {
    if report.log.decisions.is_empty() {
        return Vec::new();
    }
    let lines = report
        .log
        .decisions
        .iter()
        .map(|one| Text::new().plain(format!("{}: {}", time(&one.time), one.text)));
    vec![
        Block::Heading("Decisions".to_owned()),
        Block::List(lines.collect()),
    ]
}

fn warnings(report: &Report) -> Vec<Block> {
    if report.log.warnings.is_empty() {
        return Vec::new();
    }
    let lines = report.log.warnings.iter().map(|one| {
        let step = one.step.map(|step| format!("{step}: ")).unwrap_or_default();
        Text::new()
            .badge(State::Attention, "warning")
            .plain(format!(" {step}{}", one.text))
    });
    vec![
        Block::Heading("Warnings".to_owned()),
        Block::List(lines.collect()),
    ]
}
