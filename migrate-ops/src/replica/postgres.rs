//! PostgreSQL: what a standby has received and replayed.

use std::thread::sleep;
use std::time::Duration;

use diesel::QueryResult;
use diesel::connection::LoadConnection;
use diesel::pg::Pg;
use migrate_runtime::Database;

use super::{Lag, Replicate};

/// So often a standby is asked before what it says is believed.
const LOOKS: usize = 3;
const BETWEEN: Duration = Duration::from_millis(50);
/// Less is not looked at again.
const LITTLE: f64 = 0.2;

impl Replicate for Pg {
    const RIGHT: &'static str = "the right to connect";

    /// The time of the last commit that was replayed says how far a standby is behind, unless it has
    /// replayed all that it has received. Where nobody writes for an hour, a standby that has just
    /// received something looks an hour behind for the moment that replaying it takes: so it is
    /// asked more than once, and the least counts.
    fn lag<C: LoadConnection<Backend = Self>>(conn: &mut C) -> QueryResult<Option<Lag>> {
        let mut least: Option<Lag> = None;
        for look in 0..LOOKS {
            if look > 0 {
                sleep(BETWEEN);
            }
            let Some(lag) = once(conn)? else {
                return Ok(None);
            };
            let is_less = match (&least, lag.seconds()) {
                (Some(Lag::Behind { seconds }), Some(now)) => now < *seconds,
                (Some(_), None) => false,
                _ => true,
            };
            if is_less {
                least = Some(lag);
            }
            if least
                .as_ref()
                .and_then(Lag::seconds)
                .is_some_and(|it| it <= LITTLE)
            {
                break;
            }
        }
        Ok(least)
    }
}

fn once<C: LoadConnection<Backend = Pg>>(conn: &mut C) -> QueryResult<Option<Lag>> {
    // One that receives nothing from its primary may have replayed all that it has, and be behind.
    let rows = Pg::rows(
        conn,
        "SELECT pg_catalog.pg_is_in_recovery()::text,
             (CASE WHEN pg_catalog.pg_last_wal_receive_lsn() = pg_catalog.pg_last_wal_replay_lsn()
                     AND EXISTS (SELECT FROM pg_catalog.pg_stat_wal_receiver) THEN 0
                 ELSE extract(epoch FROM pg_catalog.clock_timestamp()
                                         - pg_catalog.pg_last_xact_replay_timestamp())
              END)::text",
    )?;
    let column = |at: usize| rows.first()?.get(at)?.as_deref();
    if column(0) != Some("true") {
        return Ok(None);
    }
    let seconds = column(1).and_then(|text| text.parse::<f64>().ok());
    Ok(Some(match seconds {
        // Two clocks may differ.
        Some(seconds) => Lag::Behind {
            seconds: seconds.max(0.0),
        },
        None => Lag::NotKnown {
            reason: "it has replayed no commit since it was started".to_owned(),
        },
    }))
}
