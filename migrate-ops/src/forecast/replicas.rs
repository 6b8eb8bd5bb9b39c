//! Replicas whose URLs are given, asked themselves.

use migrate_runtime::Code;

use super::evidence::{InTheWay, InTheWayKind, Replica};
use super::live::{self, Traffic};
use super::options::Options;
use crate::Deployment;
use crate::connect::{DatabaseUrl, Engine, Open};
use crate::replica::{self, Lag, ReplicaError};

/// Asks each how far it is behind and who would be in the way of its replaying. A primary that knows
/// no more than that somebody follows is believed no more, once all who follow were asked.
pub(super) fn ask<DB: Engine, K: Code<DB>>(
    deployment: &Deployment<'_, DB, K>,
    options: &Options<'_>,
    traffic: &mut Traffic,
) {
    if options.replicas.is_empty() {
        return;
    }
    let asked: Vec<Replica> = options
        .replicas
        .iter()
        .map(|url| one::<DB, K>(deployment, url, options, traffic))
        .collect();
    let told = traffic.replicas.following.take().unwrap_or_default();
    // What a primary tells of replicas and what they say themselves cannot be matched by name. One
    // that is not known to its primary more than by address is among those asked, as far as there
    // are as many.
    let (known, nameless): (Vec<Replica>, Vec<Replica>) =
        told.into_iter().partition(|it| it.lag_seconds.is_some());
    let rest = nameless.into_iter().skip(asked.len());
    traffic.replicas.following = Some(asked.into_iter().chain(known).chain(rest).collect());
}

fn one<DB: Engine, K: Code<DB>>(
    deployment: &Deployment<'_, DB, K>,
    url: &DatabaseUrl,
    options: &Options<'_>,
    traffic: &mut Traffic,
) -> Replica {
    let name = url.shown();
    let mut replica = Replica {
        name: name.clone(),
        asked: true,
        lag_seconds: None,
        not_known: None,
    };
    match looked_at::<DB, K>(deployment, url, options) {
        Ok((lag, in_the_way)) => {
            replica.lag_seconds = lag.seconds();
            if let Lag::NotKnown { reason } = lag {
                replica.not_known = Some(reason);
            }
            traffic.in_the_way.extend(in_the_way);
        }
        Err(error) => {
            let reason = crate::execute::with_causes(&error);
            traffic
                .not_checked
                .push(format!("the replica {name}: {reason}"));
            replica.not_known = Some(reason);
        }
    }
    replica
}

fn looked_at<DB: Engine, K: Code<DB>>(
    deployment: &Deployment<'_, DB, K>,
    url: &DatabaseUrl,
    options: &Options<'_>,
) -> Result<(Lag, Vec<InTheWay>), ReplicaError> {
    let lag = replica::lag::<DB>(url, deployment.runtime)?;
    let mut connection = DB::connect(url, Open::Existing, deployment.runtime)?.connection;
    let mut ask = live::asking::<DB, _>(&mut connection);
    let long = options.thresholds.long_transaction.as_secs_f64();
    let readers = live::readers(DB::DIALECT, &mut ask, long);
    let readers = readers.map_err(|source| ReplicaError::Question {
        replica: url.shown(),
        right: DB::RIGHT,
        source,
    })?;
    let name = url.shown();
    let in_the_way = readers.into_iter().map(|reader| InTheWay {
        kind: InTheWayKind::ReplicaTransaction,
        who: format!("{} on {name}", reader.who),
        ..reader
    });
    Ok((lag, in_the_way.collect()))
}
