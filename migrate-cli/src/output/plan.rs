//! A forecast, for people and as JSON.

use std::fmt::Write as _;

use migrate_ops::forecast::{
    Basis, Blocked, Estimate, Forecast, HeldUntil, LockForecast, MigrationForecast,
    StatementForecast, WayBack, WorkKind,
};
use serde::Serialize;

use super::human::{counted, first_line};

/// What `migrate plan` answers.
#[derive(Serialize)]
pub(crate) struct PlanJson<'a> {
    #[serde(flatten)]
    pub(crate) forecast: &'a Forecast,
    pub(crate) sql: Option<&'a str>,
}

/// The forecast as a text.
pub(crate) fn forecast_text(forecast: &Forecast) -> String {
    let mut text = String::new();
    let statements = forecast.migrations.iter().map(|it| it.statements.len());
    let from = forecast.applied.as_deref().unwrap_or("nothing applied");
    line(
        &mut text,
        &format!(
            "{}: {from} -> {}, {}, {}",
            forecast.database,
            forecast.target.as_deref().unwrap_or_default(),
            counted(forecast.migrations.len(), "migration"),
            counted(statements.sum(), "statement"),
        ),
    );
    for migration in &forecast.migrations {
        text.push('\n');
        of_migration(&mut text, migration);
    }
    text.push('\n');
    totals(&mut text, forecast);
    text
}

fn line(text: &mut String, content: &str) {
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{}", content.trim_end());
}

fn of_migration(text: &mut String, migration: &MigrationForecast) {
    let way_back = match &migration.way_back {
        WayBack::Reversible => "reversible".to_owned(),
        WayBack::Lossy { loses } => format!("reverting loses {}", loses.join(", ")),
        WayBack::Irreversible { reason } => format!("irreversible: {reason}"),
        WayBack::Missing => "no way back".to_owned(),
    };
    let transaction = match migration.transaction {
        true => "",
        false => "; not one transaction",
    };
    line(
        text,
        &format!(
            "{}_{}  {}{transaction}; {way_back}",
            migration.version,
            migration.name,
            time(migration.apply)
        ),
    );
    if !migration.loses.is_empty() {
        line(
            text,
            &format!("  throws away {}", migration.loses.join(", ")),
        );
    }
    for statement in &migration.statements {
        of_statement(text, statement);
    }
    if migration.rust {
        line(text, "  Rust code, of which nothing is known");
    }
}

fn of_statement(text: &mut String, statement: &StatementForecast) {
    line(
        text,
        &format!(
            "  {:>2}  {}",
            statement.statement + 1,
            first_line(&statement.sql)
        ),
    );
    let mut what = vec![
        match statement.work {
            WorkKind::Instant => "instant",
            WorkKind::Rows => "goes over rows",
            WorkKind::Scan => "checks all rows",
            WorkKind::Build => "builds an index",
            WorkKind::Rewrite => "rewrites the table",
            WorkKind::Unknown => "nobody knows what it does",
        }
        .to_owned(),
    ];
    if let Some(rows) = statement.rows {
        what.push(format!("about {rows} rows"));
    }
    if let Some(size) = statement.bytes {
        what.push(bytes(size));
    }
    what.push(time(statement.duration));
    line(text, &format!("      {}", what.join(", ")));
    if let Some(why) = &statement.unknown {
        line(text, &format!("      may lock anything: {why}"));
    }
    for lock in &statement.locks {
        line(text, &format!("      {}", of_lock(lock)));
    }
    for hazard in &statement.hazards {
        let waived = match &hazard.waived {
            Some(reason) => format!("accepted: {reason}"),
            None => "not accepted".to_owned(),
        };
        line(
            text,
            &format!("      {}: {} ({waived})", hazard.rule, hazard.message),
        );
    }
}

fn of_lock(lock: &LockForecast) -> String {
    let table = match &lock.table {
        Some(table) => format!("`{table}`"),
        None => "the database".to_owned(),
    };
    let until = match lock.held_until {
        HeldUntil::Commit => ", until COMMIT",
        HeldUntil::Statement => "",
    };
    let wait = match lock.blocks {
        Blocked::Nobody => "nobody waits".to_owned(),
        blocks => format!("{blocks} wait {}{until}", time(lock.held)),
    };
    let momentary = match lock.momentary {
        true => "; shuts everybody out for a moment",
        false => "",
    };
    format!("{} on {table}: {wait}{momentary}", lock.mode)
}

fn totals(text: &mut String, forecast: &Forecast) {
    let mut total = |name: &str, content: &str| line(text, &format!("{name:<20}{content}"));
    total("apply", &time(forecast.apply));
    let stall = match &forecast.longest_stall {
        None => "nobody is kept from a table".to_owned(),
        Some(stall) => format!(
            "{} on {}, by statement {} of {} ({})",
            time(stall.duration),
            stall
                .table
                .as_ref()
                .map_or("the database".to_owned(), |it| format!("`{it}`")),
            stall.statement + 1,
            stall.version,
            stall.mode,
        ),
    };
    total("longest stall", &stall);
    let window = &forecast.window;
    let limit = match (window.limit_seconds, window.fits) {
        (Some(limit), Some(true)) => format!("; fits into {}", exact(limit)),
        (Some(limit), _) => format!("; does not fit into {}", exact(limit)),
        _ => String::new(),
    };
    total(
        "window",
        &format!(
            "{} to apply, {} to validate, {} to roll back{limit}",
            time(window.apply),
            time(window.validate),
            time(window.rollback)
        ),
    );
    let point = match &forecast.point_of_no_return {
        None => "none".to_owned(),
        Some(point) => format!("{}: {}", point.version, point.reason),
    };
    total("point of no return", &point);
    if !forecast.rollback_loses.is_empty() {
        total("rolling back loses", &forecast.rollback_loses.join(", "));
    }
    for it in &forecast.in_the_way {
        let age = it.for_seconds.map(|age| format!(" for {}", exact(age)));
        let tables = match it.tables.as_deref() {
            Some([]) => "no table of this run".to_owned(),
            Some(tables) => tables.join(", "),
            None => "the server does not say which tables".to_owned(),
        };
        let query = it.query.as_ref().map(|sql| format!(": {sql}"));
        total(
            "in the way",
            &format!(
                "{} ({}){}, {tables}{}",
                it.kind,
                it.who,
                age.unwrap_or_default(),
                query.unwrap_or_default()
            ),
        );
    }
    for replica in forecast.replicas.following.iter().flatten() {
        let behind = match replica.lag_seconds {
            Some(lag) => format!("{} behind", exact(lag)),
            None => match &replica.not_known {
                Some(why) => format!("how far it is behind is not known: {why}"),
                None => "how far it is behind is not known".to_owned(),
            },
        };
        total("replica", &format!("{}: {behind}", replica.name));
    }
    if let Some(lag) = forecast.replicas.lag {
        total("replica lag", &time(lag));
    }
    if let Some(note) = &forecast.replicas.note {
        total("replicas", note);
    }
    for text in &forecast.not_checked {
        total("not checked", text);
    }
}

/// A time, with how well it is known.
fn time(estimate: Estimate) -> String {
    match estimate.basis {
        Basis::Rehearsal => exact(estimate.seconds),
        Basis::Model => format!("about {} (estimated)", exact(estimate.seconds)),
        Basis::Unknown => "nobody knows how long".to_owned(),
    }
}

fn exact(seconds: f64) -> String {
    match seconds {
        s if s < 1.0 => format!("{:.0} ms", s * 1000.0),
        s if s < 60.0 => format!("{s:.1} s"),
        s if s < 3600.0 => format!("{:.0} min", s / 60.0),
        s => format!("{:.1} h", s / 3600.0),
    }
}

fn bytes(bytes: u64) -> String {
    let bytes = bytes as f64;
    match bytes {
        b if b < 1e3 => format!("{b} bytes"),
        b if b < 1e6 => format!("{:.0} kB", b / 1e3),
        b if b < 1e9 => format!("{:.1} MB", b / 1e6),
        b => format!("{:.1} GB", b / 1e9),
    }
}
