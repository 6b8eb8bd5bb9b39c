//! Watching a run through a connection of its own: who stands in the way, how far a statement is,
//! how the server fares.

mod mysql;
mod postgres;
mod processor;
mod replicas;
mod shared;

pub(super) use replicas::{Follower, Told};
pub(super) use shared::{Running, Shared, describe};

use std::time::{Duration, Instant};

use diesel::QueryResult;
use migrate_core::Dialect;
use migrate_runtime::Row;
use tokio::runtime::Runtime;

use super::{Blocker, Inside, Sample};
use crate::connect::{DatabaseUrl, Engine, Open};
use crate::time;

/// Puts a question whose answer is text.
pub(super) type Ask<'a> = dyn FnMut(&str) -> QueryResult<Vec<Row>> + 'a;

/// What a database can tell about a session of its own, asked from another.
pub(super) trait Watch: Sync {
    /// A question for the number of the session that asks it.
    fn own_session(&self) -> &'static str;

    /// What to say on the monitor's connection first: it must never be in the way itself.
    fn settings(&self) -> &'static [&'static str];

    /// Whom a session waits for.
    fn blockers(&self, ask: &mut Ask<'_>, session: u64) -> QueryResult<Vec<Blocker>>;

    /// How far the statement of a session is.
    fn inside(&self, ask: &mut Ask<'_>, session: u64) -> QueryResult<Option<Inside>>;

    /// How the server fares.
    fn sample(&self, ask: &mut Ask<'_>, session: u64) -> QueryResult<Sample>;

    /// Who follows, as far as the primary knows.
    fn replicas(&self, ask: &mut Ask<'_>) -> QueryResult<Told>;
}

/// What can be watched; SQLite has no server that could be asked.
pub(super) fn of(dialect: Dialect) -> Option<&'static dyn Watch> {
    match dialect {
        Dialect::Postgres => Some(&postgres::Postgres),
        Dialect::Mysql => Some(&mysql::Mysql),
        _ => None,
    }
}

/// Which figures no sample has, each with the reason.
pub(super) fn not_sampled(dialect: Dialect, samples: &[Sample]) -> Vec<String> {
    if samples.is_empty() {
        return Vec::new();
    }
    let mut missing = Vec::new();
    let mut look = |is_told: fn(&Sample) -> bool, what: &str, why: &str| {
        if !samples.iter().any(is_told) {
            missing.push(format!("{what}: {why}"));
        }
    };
    look(
        |it| it.cpu_seconds.is_some(),
        "processor time",
        match dialect {
            Dialect::Mysql => "the server counts it with `userstat` only, which MariaDB has",
            _ => {
                "it is not certain that the server runs on this machine, and it does not tell itself"
            }
        },
    );
    let hidden = "the server does not tell it, or not to this user";
    look(
        |it| it.written_bytes.is_some(),
        "bytes written to disk",
        hidden,
    );
    look(|it| it.log_bytes.is_some(), "bytes of the log", hidden);
    look(|it| it.deadlocks.is_some(), "deadlocks", hidden);
    look(
        |it| it.temporary_bytes.is_some(),
        "bytes of temporary files",
        hidden,
    );
    missing
}

/// How often the run is looked at.
const TICK: Duration = Duration::from_millis(200);
/// A statement that has run for less is not asked about: most are over before an answer.
const PATIENCE: Duration = Duration::from_millis(250);
/// How often the server is asked how it fares.
const SAMPLE: Duration = Duration::from_secs(2);
/// How often it is asked about its replicas where the run pauses for them: so exact is their lag.
const FOLLOWERS: Duration = Duration::from_millis(500);
/// How long to wait before a connection that was lost is tried again.
const AGAIN: Duration = Duration::from_secs(2);

/// What to watch.
pub(super) struct Target<'a> {
    pub(super) url: &'a DatabaseUrl,
    pub(super) runtime: &'a Runtime,
    pub(super) heartbeat: Duration,
    /// Whether the run pauses for replicas.
    pub(super) minds_replicas: bool,
}

/// Watches until the run is over.
pub(super) fn watch<DB: Engine>(target: &Target<'_>, shared: &Shared<'_>) {
    let watch = of(DB::DIALECT);
    let mut connection: Option<DB::Connection> = None;
    let mut lost: Option<Instant> = None;
    let mut sampled: Option<Instant> = None;
    let mut followed: Option<Instant> = None;
    let follow = match target.minds_replicas {
        true => FOLLOWERS,
        false => SAMPLE,
    };
    let mut followers = replicas::Followers::default();
    while !shared.wait(TICK) {
        if let Some(watch) = watch {
            if connection.is_none() && lost.is_none_or(|lost| lost.elapsed() >= AGAIN) {
                match connect::<DB>(target, watch) {
                    Ok(made) => connection = Some(made),
                    Err(error) => {
                        shared.not_watching(&error);
                        lost = Some(Instant::now());
                    }
                }
            }
            if let Some(open) = &mut connection {
                // No session has the number 0.
                let session = shared.its_session().unwrap_or(0);
                let mut ask = |sql: &str| DB::rows(open, sql);
                if followed.is_none_or(|last| last.elapsed() >= follow) {
                    followed = Some(Instant::now());
                    let told = watch.replicas(&mut ask);
                    shared.answer("replicas", told, |shared, told| {
                        shared.followers(followers.lags(told, Instant::now()));
                    });
                }
                if sampled.is_none_or(|last| last.elapsed() >= SAMPLE) {
                    sampled = Some(Instant::now());
                    let sample = watch.sample(&mut ask, session);
                    shared.answer("figures of the server", sample, |shared, sample| {
                        shared.sampled(Sample {
                            time: time::now(),
                            replica_lag_seconds: shared.furthest(),
                            ..sample
                        });
                    });
                }
                if shared.statement_runs_for() >= PATIENCE {
                    look(watch, &mut ask, session, shared);
                }
                if shared.is_cut_off() {
                    connection = None;
                    lost = Some(Instant::now());
                }
            }
        }
        shared.heartbeat(target.heartbeat);
    }
}

/// Looks at the statement that runs.
fn look(watch: &dyn Watch, ask: &mut Ask<'_>, session: u64, shared: &Shared<'_>) {
    let blockers = watch.blockers(ask, session);
    shared.answer("who stands in the way", blockers, Shared::blocked);
    let inside = watch.inside(ask, session);
    shared.answer("how far a statement is", inside, Shared::inside);
}

fn connect<DB: Engine>(target: &Target<'_>, watch: &dyn Watch) -> Result<DB::Connection, String> {
    let connected = DB::connect(target.url, Open::Existing, target.runtime);
    let mut connection = connected.map_err(|error| with_causes(&error))?.connection;
    for setting in watch.settings() {
        diesel::connection::SimpleConnection::batch_execute(&mut connection, setting)
            .map_err(|error| error.to_string())?;
    }
    Ok(connection)
}

/// An error and its causes in one line.
pub(crate) fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        source = cause.source();
    }
    text
}

/// A number that a database gave as text.
fn number<T: std::str::FromStr>(row: &Row, column: usize) -> Option<T> {
    row.get(column)?.as_deref()?.parse().ok()
}

/// A text that a database gave, where it is not empty.
fn text(row: &Row, column: usize) -> Option<String> {
    row.get(column)?.clone().filter(|text| !text.is_empty())
}
