//! PostgreSQL: `pg_blocking_pids`, `pg_stat_activity`, `pg_stat_progress_*`.

use diesel::QueryResult;
use migrate_core::{Dialect, redact};

use super::super::{Blocker, Inside, Sample};
use super::{Ask, Follower, Told, Watch, number, processor, text};
use crate::time;

pub(super) struct Postgres;

impl Watch for Postgres {
    fn own_session(&self) -> &'static str {
        "SELECT pg_backend_pid()::text"
    }

    fn settings(&self) -> &'static [&'static str] {
        // Reading the catalogue waits for nobody, but for a catalogue that is locked itself.
        &[
            "SET statement_timeout = '5s'; SET lock_timeout = '1s'; SET default_transaction_read_only = on",
        ]
    }

    fn blockers(&self, ask: &mut Ask<'_>, session: u64) -> QueryResult<Vec<Blocker>> {
        let sql = format!(
            "SELECT p.pid::text, a.usename::text, a.application_name, a.state, \
             extract(epoch FROM now() - a.xact_start)::text, a.query, \
             (SELECT l.mode || coalesce(' on ' || c.oid::regclass::text, ' on a ' || l.locktype) \
              FROM pg_locks l LEFT JOIN pg_class c ON c.oid = l.relation \
              WHERE l.pid = {session} AND NOT l.granted LIMIT 1) \
             FROM (SELECT DISTINCT unnest(pg_blocking_pids({session})) AS pid) p \
             LEFT JOIN pg_stat_activity a ON a.pid = p.pid ORDER BY p.pid"
        );
        let rows = ask(&sql)?;
        let mut prepared_ones = Vec::new();
        // What a prepared transaction holds belongs to no process.
        if rows.iter().any(|row| text(row, 0).as_deref() == Some("0")) {
            prepared_ones = prepared(ask, session)?;
        }
        let blockers = rows.iter().filter_map(|row| {
            let pid = text(row, 0).filter(|pid| pid != "0" || prepared_ones.is_empty())?;
            Some(Blocker {
                session: match pid.as_str() {
                    "0" => "of a prepared transaction".to_owned(),
                    _ => pid,
                },
                user: text(row, 1),
                application: text(row, 2),
                state: text(row, 3),
                transaction_seconds: number(row, 4),
                query: text(row, 5).map(|query| redact::values(&query, Dialect::Postgres)),
                waits_for: text(row, 6),
                certain: true,
                seen: time::now(),
            })
        });
        let blockers = blockers.collect::<Vec<_>>().into_iter();
        Ok(blockers.chain(prepared_ones).collect())
    }

    fn inside(&self, ask: &mut Ask<'_>, session: u64) -> QueryResult<Option<Inside>> {
        // One question for all kinds; a session is in one of them at most.
        let sql = format!(
            "SELECT 'building index: ' || phase, \
              (CASE WHEN blocks_total > 0 THEN blocks_done WHEN tuples_total > 0 THEN tuples_done ELSE lockers_done END)::text, \
              (CASE WHEN blocks_total > 0 THEN blocks_total WHEN tuples_total > 0 THEN tuples_total ELSE lockers_total END)::text \
              FROM pg_stat_progress_create_index WHERE pid = {session} \
             UNION ALL SELECT 'rewriting table: ' || phase, heap_blks_scanned::text, heap_blks_total::text \
              FROM pg_stat_progress_cluster WHERE pid = {session} \
             UNION ALL SELECT 'vacuum: ' || phase, heap_blks_scanned::text, heap_blks_total::text \
              FROM pg_stat_progress_vacuum WHERE pid = {session} \
             UNION ALL SELECT 'analyze: ' || phase, sample_blks_scanned::text, sample_blks_total::text \
              FROM pg_stat_progress_analyze WHERE pid = {session} \
             UNION ALL SELECT 'copy', bytes_processed::text, bytes_total::text \
              FROM pg_stat_progress_copy WHERE pid = {session}"
        );
        let rows = ask(&sql)?;
        Ok(rows.first().and_then(|row| {
            let (done, total) = (number::<f64>(row, 1), number::<f64>(row, 2));
            Some(Inside {
                phase: text(row, 0)?,
                fraction: done
                    .zip(total)
                    .filter(|(_, total)| *total > 0.0)
                    .map(|(done, total)| (done / total).clamp(0.0, 1.0)),
            })
        }))
    }

    fn sample(&self, ask: &mut Ask<'_>, session: u64) -> QueryResult<Sample> {
        let version = ask("SELECT current_setting('server_version_num')")?;
        let version: u32 = version.first().and_then(|row| number(row, 0)).unwrap_or(0);
        // Version 17 has moved the writers' figures away, 18 counts bytes instead of blocks.
        let written = match version {
            180_000.. => "(SELECT sum(write_bytes) FROM pg_stat_io)::bigint::text",
            170_000.. => "(SELECT sum(writes * op_bytes) FROM pg_stat_io)::bigint::text",
            _ => {
                "(SELECT (buffers_checkpoint + buffers_clean + buffers_backend) \
                 * current_setting('block_size')::bigint FROM pg_stat_bgwriter)::text"
            }
        };
        let sql = format!(
            "SELECT s.sessions::text, current_setting('max_connections'), s.active::text, \
             s.waiting::text, \
             (CASE WHEN pg_is_in_recovery() THEN NULL \
              ELSE pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0') END)::bigint::text, \
             (d.blks_read * current_setting('block_size')::bigint)::text, {written}, \
             (SELECT count(*) FROM pg_stat_replication)::text, \
             (SELECT max(pg_wal_lsn_diff(sent_lsn, replay_lsn)) FROM pg_stat_replication)::bigint::text, \
             d.xact_commit::text, d.deadlocks::text, d.temp_bytes::text, \
             pg_backend_pid()::text, inet_client_port()::text \
             FROM pg_stat_database d, (SELECT count(*) AS sessions, \
              count(*) FILTER (WHERE state = 'active' AND pid NOT IN (pg_backend_pid(), {session})) AS active, \
              count(*) FILTER (WHERE wait_event_type = 'Lock') AS waiting \
              FROM pg_stat_activity WHERE backend_type = 'client backend') s \
             WHERE d.datname = current_database()"
        );
        let rows = ask(&sql)?;
        let Some(row) = rows.first() else {
            return Ok(Sample::default());
        };
        let process = number(row, 12).zip(number(row, 13));
        Ok(Sample {
            time: String::new(),
            sessions: number(row, 0),
            sessions_limit: number(row, 1),
            active_sessions: number(row, 2),
            waiting_sessions: number(row, 3),
            log_bytes: number(row, 4),
            read_bytes: number(row, 5),
            written_bytes: number(row, 6),
            replicas: number(row, 7),
            replica_lag_seconds: None,
            replica_lag_bytes: number(row, 8),
            commits: number(row, 9),
            deadlocks: number(row, 10),
            temporary_bytes: number(row, 11),
            cpu_seconds: process.and_then(|(pid, port)| processor::of_postgres(pid, port)),
        })
    }

    fn replicas(&self, ask: &mut Ask<'_>) -> QueryResult<Told> {
        // A base backup and a receiver of the log alone replay nothing. Of what others do only pid
        // and names are shown to a user without the right to see more.
        let rows = ask("SELECT concat_ws(' at ', nullif(application_name, ''), \
              coalesce(client_addr::text, 'pid ' || pid)), \
             pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint::text, \
             pg_wal_lsn_diff(replay_lsn, '0/0')::bigint::text, \
             extract(epoch FROM replay_lag)::text, (state IS NOT NULL)::text \
             FROM pg_stat_replication \
             WHERE NOT pg_is_in_recovery() AND state IS DISTINCT FROM 'backup' \
              AND (state IS NULL OR state <> 'streaming' OR replay_lsn IS NOT NULL) ORDER BY pid")?;
        let followers = rows.iter().filter_map(|row| {
            Some(Follower {
                name: text(row, 0)?,
                written: number(row, 1)?,
                replayed: number(row, 2),
                lag_seconds: number(row, 3),
                is_told: text(row, 4).as_deref() == Some("true"),
            })
        });
        Ok(Told::Replicas(followers.collect()))
    }
}

/// The prepared transactions whose locks a session waits for. Their locks have no process; each holds
/// the lock on its own number, which says which virtual transaction it is.
fn prepared(ask: &mut Ask<'_>, session: u64) -> QueryResult<Vec<Blocker>> {
    let rows = ask(&format!(
        "SELECT DISTINCT p.gid, p.owner::text, extract(epoch FROM now() - p.prepared)::text, \
         w.mode || coalesce(' on ' || c.oid::regclass::text, ' on a ' || w.locktype) \
         FROM pg_prepared_xacts p \
         JOIN pg_locks x ON x.locktype = 'transactionid' AND x.transactionid = p.transaction \
          AND x.pid IS NULL AND x.granted \
         JOIN pg_locks h ON h.virtualtransaction = x.virtualtransaction AND h.pid IS NULL AND h.granted \
         JOIN pg_locks w ON w.pid = {session} AND NOT w.granted AND w.locktype = h.locktype \
          AND w.database IS NOT DISTINCT FROM h.database \
          AND w.relation IS NOT DISTINCT FROM h.relation \
          AND w.transactionid IS NOT DISTINCT FROM h.transactionid \
         LEFT JOIN pg_class c ON c.oid = w.relation ORDER BY 1"
    ))?;
    let blockers = rows.iter().filter_map(|row| {
        Some(Blocker {
            session: format!("of the prepared transaction `{}`", text(row, 0)?),
            user: text(row, 1),
            application: None,
            state: Some("prepared".to_owned()),
            transaction_seconds: number(row, 2),
            query: None,
            waits_for: text(row, 3),
            certain: true,
            seen: time::now(),
        })
    });
    Ok(blockers.collect())
}
