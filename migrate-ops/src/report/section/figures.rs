//! How the server fared while migrations were applied, and its replicas.

use super::super::Report;
use super::super::figure::{bytes, count, duration, seconds_between};
use super::super::view::{Block, State, Table, Text};
use crate::execute::{Execution, Sample};

pub(super) fn blocks(report: &Report) -> Vec<Block> {
    let Some(execution) = &report.execution else {
        return Vec::new();
    };
    let mut blocks = Vec::new();
    let table = table(&execution.samples);
    if !table.rows.is_empty() {
        let samples = execution.samples.len();
        blocks.push(Block::Heading(format!(
            "How the server fared, by {}",
            super::super::figure::counted(samples, "look")
        )));
        blocks.push(Block::Table(table));
    }
    if !execution.not_sampled.is_empty() {
        let lines = execution.not_sampled.iter().map(|line| {
            Text::new()
                .badge(State::NotChecked, "not sampled")
                .plain(format!(" {line}"))
        });
        blocks.push(Block::List(lines.collect()));
    }
    if !execution.replicas.is_empty() {
        blocks.push(Block::Heading("Replicas".to_owned()));
        blocks.push(Block::Table(replicas(execution)));
    }
    blocks
}

/// A figure that goes up and down.
fn level(table: &mut Table, name: &str, samples: &[Sample], of: fn(&Sample) -> Option<u64>) {
    let values = samples.iter().filter_map(of);
    let (Some(least), Some(most)) = (values.clone().min(), values.max()) else {
        return;
    };
    table.row([
        name.into(),
        count(least).into(),
        count(most).into(),
        Text::new(),
        Text::new(),
    ]);
}

/// A figure that only grows: what counts is by how much.
fn growth(
    table: &mut Table,
    name: &str,
    samples: &[Sample],
    of: fn(&Sample) -> Option<f64>,
    shown: impl Fn(f64) -> String,
) {
    let mut known = samples.iter().filter_map(|it| Some((it, of(it)?)));
    let Some((first, from)) = known.next() else {
        return;
    };
    let Some((last, to)) = known.next_back() else {
        return;
    };
    // A server that was started again counts anew.
    let grown = to - from;
    if grown < 0.0 {
        return;
    }
    let each = seconds_between(&first.time, &last.time).filter(|it| *it > 0.0);
    table.row([
        name.into(),
        Text::new(),
        Text::new(),
        shown(grown).into(),
        each.map_or_else(Text::new, |seconds| {
            format!("{} a second", shown(grown / seconds)).into()
        }),
    ]);
}

/// A figure of a sample, with the name that it has in the table.
type Named<T> = (&'static str, fn(&Sample) -> Option<T>);

fn table(samples: &[Sample]) -> Table {
    let mut table = Table::new(["Figure", "Least", "Most", "In all", "On average"]).numbers(&[
        "Least",
        "Most",
        "In all",
        "On average",
    ]);
    let levels: [Named<u64>; 3] = [
        ("Sessions", |it| it.sessions),
        ("Sessions at work", |it| it.active_sessions),
        ("Sessions that wait for a lock", |it| it.waiting_sessions),
    ];
    for (name, of) in levels {
        level(&mut table, name, samples, of);
    }
    let whole = |value: f64| match value {
        value if value < 10.0 && value.fract() > 0.0 => format!("{value:.1}"),
        value => count(value.round() as u64),
    };
    let size = |value: f64| bytes(value as u64);
    let counts: [Named<f64>; 2] = [
        ("Commits", |it| it.commits.map(|it| it as f64)),
        ("Deadlocks", |it| it.deadlocks.map(|it| it as f64)),
    ];
    for (name, of) in counts {
        growth(&mut table, name, samples, of, whole);
    }
    let sizes: [Named<f64>; 4] = [
        ("Log written", |it| it.log_bytes.map(|it| it as f64)),
        ("Read from disk", |it| it.read_bytes.map(|it| it as f64)),
        ("Written to disk", |it| it.written_bytes.map(|it| it as f64)),
        ("Temporary files", |it| {
            it.temporary_bytes.map(|it| it as f64)
        }),
    ];
    for (name, of) in sizes {
        growth(&mut table, name, samples, of, size);
    }
    growth(
        &mut table,
        "Processor time",
        samples,
        |it| it.cpu_seconds,
        duration,
    );
    table
}

fn replicas(execution: &Execution) -> Table {
    let mut table = Table::new(["Replica", "Told by", "Furthest behind", "At the end"])
        .numbers(&["Furthest behind"]);
    for replica in &execution.replicas {
        table.row([
            Text::new().code(&replica.name),
            match replica.asked {
                true => "itself".into(),
                false => "its primary".into(),
            },
            replica
                .longest_lag_seconds
                .map_or_else(Text::new, |it| duration(it).into()),
            match (&replica.not_known, replica.last_lag_seconds) {
                (Some(why), _) => Text::new()
                    .badge(State::NotChecked, "not known")
                    .plain(format!(" {why}")),
                (None, Some(lag)) => duration(lag).into(),
                (None, None) => Text::new().badge(State::NotChecked, "not known"),
            },
        ]);
    }
    table
}
