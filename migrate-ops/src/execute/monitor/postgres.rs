//! PostgreSQL: `pg_blocking_pids`, `pg_stat_activity`, `pg_stat_progress_*`.

use diesel::QueryResult;
use migrate_core::{Dialect, redact};

use super::super::{Blocker, Inside, Sample};
use super::{Ask, Watch, number, text};
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
        let blockers = rows.iter().filter_map(|row| {
            let pid = text(row, 0)?;
            Some(Blocker {
                // What a prepared transaction holds belongs to no process.
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
        Ok(blockers.collect())
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
        let sql = format!(
            "SELECT \
             (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend')::text, \
             current_setting('max_connections'), \
             (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' \
              AND state = 'active' AND pid NOT IN (pg_backend_pid(), {session}))::text, \
             (CASE WHEN pg_is_in_recovery() THEN NULL \
              ELSE pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0') END)::bigint::text, \
             (SELECT blks_read * current_setting('block_size')::bigint FROM pg_stat_database \
              WHERE datname = current_database())::text, \
             (SELECT (buffers_checkpoint + buffers_clean + buffers_backend) \
              * current_setting('block_size')::bigint FROM pg_stat_bgwriter)::text, \
             (SELECT count(*) FROM pg_stat_replication)::text, \
             (SELECT max(extract(epoch FROM replay_lag)) FROM pg_stat_replication)::text, \
             (SELECT max(pg_wal_lsn_diff(sent_lsn, replay_lsn)) FROM pg_stat_replication)::bigint::text"
        );
        let rows = match ask(&sql) {
            // PostgreSQL 17 has moved the writers' figures away.
            Err(_) => ask(&sql.replace(
                "(SELECT (buffers_checkpoint + buffers_clean + buffers_backend) \
                 * current_setting('block_size')::bigint FROM pg_stat_bgwriter)::text",
                "NULL::text",
            ))?,
            Ok(rows) => rows,
        };
        let Some(row) = rows.first() else {
            return Ok(Sample::default());
        };
        Ok(Sample {
            time: String::new(),
            sessions: number(row, 0),
            sessions_limit: number(row, 1),
            active_sessions: number(row, 2),
            log_bytes: number(row, 3),
            read_bytes: number(row, 4),
            written_bytes: number(row, 5),
            replicas: number(row, 6),
            replica_lag_seconds: number(row, 7),
            replica_lag_bytes: number(row, 8),
        })
    }
}
