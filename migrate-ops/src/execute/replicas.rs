//! Replicas while a run goes on: who is asked how far they are behind, and whether anybody can be.

use std::time::Duration;

use migrate_core::Dialect;
use migrate_runtime::Code;
use tokio::runtime::Runtime;

use super::monitor::{Shared, Told, with_causes};
use super::{ExecuteError, Options, monitor, rights_missing_to_watch};
use crate::Deployment;
use crate::connect::{DatabaseUrl, Engine, Open};
use crate::replica::{Asked, Lag};

/// How often a replica is asked.
const EVERY: Duration = Duration::from_secs(1);
/// How long to wait before a connection that was lost is tried again.
const AGAIN: Duration = Duration::from_secs(2);

/// Asks a replica until the run is over.
pub(super) fn watch<DB: Engine>(url: &DatabaseUrl, runtime: &Runtime, shared: &Shared<'_>) {
    let name = url.shown();
    let mut asked: Option<Asked<DB>> = None;
    let mut pause = Duration::ZERO;
    while !shared.wait(pause) {
        let answer = match asked.take() {
            Some(asked) => Ok(asked),
            None => Asked::connect(url, runtime),
        }
        .and_then(|mut replica| {
            let lag = replica.lag()?;
            asked = Some(replica);
            Ok(lag)
        });
        pause = match answer {
            Ok(_) => EVERY,
            Err(_) => AGAIN,
        };
        let lag = answer.unwrap_or_else(|error| Lag::NotKnown {
            reason: with_causes(&error),
        });
        shared.replica(&name, lag);
    }
}

/// Refuses a limit that nothing can be measured by: it would never hold anything back.
///
/// # Errors
/// [`ExecuteError::Unmeasurable`], and where the database cannot be asked.
pub fn limits_can_be_measured<DB: Engine, K: Code<DB>>(
    deployment: &Deployment<'_, DB, K>,
    options: &Options<'_>,
) -> Result<(), ExecuteError> {
    let limits = options.limits;
    let refused = |limit: &'static str, why: String| Err(ExecuteError::Unmeasurable { limit, why });
    if DB::DIALECT == Dialect::Sqlite {
        let none = "SQLite has no server that could tell it; leave it out".to_owned();
        return match (limits.replica_lag, limits.active_sessions) {
            (Some(_), _) => refused("max_replica_lag", none),
            (None, Some(_)) => refused("max_active_sessions", none),
            (None, None) => Ok(()),
        };
    }
    if limits.active_sessions.is_some()
        && let Some(right) = rights_missing_to_watch(deployment, options)?.first()
    {
        let why = format!("the user that watches lacks {right}");
        return refused("max_active_sessions", why);
    }
    if limits.replica_lag.is_none() {
        return Ok(());
    }
    for replica in &options.replicas {
        // How far it is does not matter yet, only that it says so.
        if let Err(error) = crate::replica::lag::<DB>(replica, deployment.runtime) {
            return refused("max_replica_lag", with_causes(&error));
        }
    }
    let Some(watch) = monitor::of(DB::DIALECT).filter(|_| options.replicas.is_empty()) else {
        return Ok(());
    };
    let url = options.monitor.unwrap_or(deployment.url);
    let mut connection = DB::connect(url, Open::Existing, deployment.runtime)?.connection;
    let mut ask = |sql: &str| DB::rows(&mut connection, sql);
    let told = watch.replicas(&mut ask);
    let answer = told.map_err(|source| ExecuteError::Replicas { source })?;
    match answer {
        Told::Replicas(replicas) => match replicas.iter().find(|replica| !replica.is_told) {
            Some(replica) => refused(
                "max_replica_lag",
                format!(
                    "{} follows, and this user is not shown how far it is behind; GRANT pg_monitor, or \
                         name its URL in `replicas`",
                    replica.name
                ),
            ),
            None => Ok(()),
        },
        Told::OnlyNames(names) if names.is_empty() => Ok(()),
        Told::OnlyNames(names) => refused(
            "max_replica_lag",
            format!(
                "{} follow, and only a replica itself knows how far it is behind; name the URLs of \
                 replicas in `replicas`",
                names.join(" and ")
            ),
        ),
        Told::Hidden(right) => refused(
            "max_replica_lag",
            format!(
                "this user is not shown whether replicas follow; {right}, or name their URLs in `replicas`"
            ),
        ),
    }
}
