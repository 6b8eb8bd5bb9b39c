//! MySQL and MariaDB: the process list, InnoDB's lock waits, and metadata locks where the server
//! shows them.

use diesel::QueryResult;
use migrate_core::{Dialect, redact};
use migrate_runtime::Row;

use super::super::{Blocker, Inside, Sample};
use super::{Ask, Told, Watch, number, text};
use crate::time;

pub(super) struct Mysql;

/// Columns of a blocker, from a process list `p` and a transaction `t`.
const COLUMNS: &str = "CAST(COALESCE(p.ID, t.trx_mysql_thread_id) AS CHAR), CAST(p.USER AS CHAR), CAST(p.HOST AS CHAR), \
     CAST(CONCAT(p.COMMAND, IF(COALESCE(p.STATE, '') = '', '', CONCAT(': ', p.STATE))) AS CHAR), \
     CAST(TIMESTAMPDIFF(SECOND, t.trx_started, NOW()) AS CHAR), CAST(p.INFO AS CHAR)";

impl Watch for Mysql {
    fn own_session(&self) -> &'static str {
        "SELECT CAST(CONNECTION_ID() AS CHAR)"
    }

    fn settings(&self) -> &'static [&'static str] {
        // Nothing that is asked here waits; the transactions' start is told in the server's zone.
        &[
            "SET SESSION lock_wait_timeout = 1",
            "SET time_zone = 'SYSTEM'",
        ]
    }

    fn blockers(&self, ask: &mut Ask<'_>, session: u64) -> QueryResult<Vec<Blocker>> {
        let state = ask(&format!(
            "SELECT CAST(STATE AS CHAR) FROM information_schema.PROCESSLIST WHERE ID = {session}"
        ))?;
        let state = state
            .first()
            .and_then(|row| text(row, 0))
            .unwrap_or_default();
        let rows = row_locks(ask, session)?;
        if !rows.is_empty() {
            return Ok(blockers(&rows, Some("a lock on rows"), true));
        }
        if !state.starts_with("Waiting for") || !state.contains("lock") {
            return Ok(Vec::new());
        }
        let waits_for = state.trim_start_matches("Waiting for ").to_owned();
        if let Some(rows) = metadata_locks(ask, session).filter(|rows| !rows.is_empty()) {
            return Ok(blockers(&rows, Some(&waits_for), true));
        }
        // Nobody tells who holds it: whoever has a transaction open may, and who works in the same
        // database rather than others.
        let open = |own: &str| {
            format!(
                "SELECT {COLUMNS} FROM information_schema.INNODB_TRX t \
                 LEFT JOIN information_schema.PROCESSLIST p ON p.ID = t.trx_mysql_thread_id \
                 JOIN information_schema.PROCESSLIST v ON v.ID = {session} \
                 WHERE t.trx_mysql_thread_id NOT IN ({session}, CONNECTION_ID()) {own} ORDER BY t.trx_started"
            )
        };
        let mut rows = ask(&open("AND (p.DB = v.DB OR t.trx_mysql_thread_id = 0)"))?;
        if rows.is_empty() {
            rows = ask(&open(""))?;
        }
        Ok(blockers(&rows, Some(&waits_for), false))
    }

    fn inside(&self, ask: &mut Ask<'_>, session: u64) -> QueryResult<Option<Inside>> {
        let mariadb = ask(&format!(
            "SELECT CAST(STATE AS CHAR), CAST(STAGE AS CHAR), CAST(MAX_STAGE AS CHAR), \
             CAST(PROGRESS AS CHAR) FROM information_schema.PROCESSLIST WHERE ID = {session}"
        ));
        let Ok(rows) = mariadb else {
            return mysql_stage(ask, session);
        };
        let inside = rows.first().and_then(|row| {
            let (stage, stages): (u32, u32) = (number(row, 1)?, number(row, 2)?);
            let progress: f64 = number(row, 3)?;
            // A statement without stages tells no progress.
            let phase = (stages > 0).then_some(text(row, 0)?)?;
            Some(Inside {
                phase: format!("{phase} (stage {} of {stages})", stage + 1),
                fraction: Some((progress / 100.0).clamp(0.0, 1.0)),
            })
        });
        Ok(inside)
    }

    fn sample(&self, ask: &mut Ask<'_>, session: u64) -> QueryResult<Sample> {
        let rows = ask(
            "SHOW GLOBAL STATUS WHERE Variable_name IN ('Threads_connected', \
             'Innodb_os_log_written', 'Innodb_data_read', 'Innodb_data_written', \
             'Innodb_row_lock_current_waits', 'Innodb_deadlocks', 'Handler_commit')",
        )?;
        let value = |name: &str| {
            let of = |row: &&Row| text(row, 0).is_some_and(|key| key.eq_ignore_ascii_case(name));
            rows.iter().find(of).and_then(|row| number(row, 1))
        };
        let mut sample = Sample {
            sessions: value("Threads_connected"),
            log_bytes: value("Innodb_os_log_written"),
            read_bytes: value("Innodb_data_read"),
            written_bytes: value("Innodb_data_written"),
            waiting_sessions: value("Innodb_row_lock_current_waits"),
            deadlocks: value("Innodb_deadlocks"),
            commits: value("Handler_commit"),
            cpu_seconds: cpu(ask)?,
            ..Sample::default()
        };
        let rows = ask(&format!(
            "SELECT CAST(@@max_connections AS CHAR), CAST(SUM(COMMAND IN ('Query', 'Execute') \
             AND ID NOT IN ({session}, CONNECTION_ID())) AS CHAR), \
             CAST(SUM(COMMAND LIKE 'Binlog Dump%') AS CHAR) FROM information_schema.PROCESSLIST"
        ))?;
        if let Some(row) = rows.first() {
            sample.sessions_limit = number(row, 0);
            sample.active_sessions = number(row, 1);
            sample.replicas = number(row, 2);
        }
        Ok(sample)
    }

    fn replicas(&self, ask: &mut Ask<'_>) -> QueryResult<Told> {
        // Without the right PROCESS only one's own threads are in the list.
        let sees_all = ask(
            "SELECT CAST(COUNT(*) AS CHAR) FROM information_schema.USER_PRIVILEGES \
             WHERE PRIVILEGE_TYPE = 'PROCESS'",
        )?;
        if sees_all.first().is_none_or(|row| number(row, 0) == Some(0)) {
            return Ok(Told::Hidden("GRANT PROCESS"));
        }
        let rows = ask(
            "SELECT CAST(HOST AS CHAR) FROM information_schema.PROCESSLIST \
             WHERE COMMAND LIKE 'Binlog Dump%' ORDER BY ID",
        )?;
        let names = rows.iter().filter_map(|row| text(row, 0));
        Ok(Told::OnlyNames(names.collect()))
    }
}

/// The processor time of all statements, where the server counts it: MariaDB with `userstat`.
fn cpu(ask: &mut Ask<'_>) -> QueryResult<Option<f64>> {
    let counts = ask("SHOW GLOBAL VARIABLES LIKE 'userstat'")?;
    if counts.first().and_then(|row| text(row, 1)).as_deref() != Some("ON") {
        return Ok(None);
    }
    let sum = ask("SELECT CAST(SUM(CPU_TIME) AS CHAR) FROM information_schema.USER_STATISTICS")?;
    Ok(sum.first().and_then(|row| number(row, 0)))
}

/// Who holds a lock on rows that a session waits for, on MariaDB or on MySQL 8.
fn row_locks(ask: &mut Ask<'_>, session: u64) -> QueryResult<Vec<Row>> {
    let mariadb = ask(&format!(
        "SELECT DISTINCT {COLUMNS} FROM information_schema.INNODB_LOCK_WAITS w \
         JOIN information_schema.INNODB_TRX r ON r.trx_id = w.requesting_trx_id \
         JOIN information_schema.INNODB_TRX t ON t.trx_id = w.blocking_trx_id \
         LEFT JOIN information_schema.PROCESSLIST p ON p.ID = t.trx_mysql_thread_id \
         WHERE r.trx_mysql_thread_id = {session}"
    ));
    if mariadb.is_ok() {
        return mariadb;
    }
    ask(&format!(
        "SELECT DISTINCT {COLUMNS} FROM performance_schema.data_lock_waits w \
         JOIN information_schema.INNODB_TRX r ON r.trx_id = w.REQUESTING_ENGINE_TRANSACTION_ID \
         JOIN information_schema.INNODB_TRX t ON t.trx_id = w.BLOCKING_ENGINE_TRANSACTION_ID \
         LEFT JOIN information_schema.PROCESSLIST p ON p.ID = t.trx_mysql_thread_id \
         WHERE r.trx_mysql_thread_id = {session}"
    ))
}

/// Who holds locks on the tables that a session waits for; `None` where the server does not show
/// metadata locks: MariaDB does with the plugin `metadata_lock_info`, MySQL by itself. MariaDB's
/// plugin does not say which of the locks are only waited for, so a session with a lock on the same
/// table that waits itself is left out.
fn metadata_locks(ask: &mut Ask<'_>, session: u64) -> Option<Vec<Row>> {
    let rows = ask(&format!(
        "SELECT DISTINCT {COLUMNS} FROM performance_schema.metadata_locks m \
         JOIN performance_schema.threads h ON h.THREAD_ID = m.OWNER_THREAD_ID \
         JOIN information_schema.PROCESSLIST p ON p.ID = h.PROCESSLIST_ID \
         LEFT JOIN information_schema.INNODB_TRX t ON t.trx_mysql_thread_id = p.ID \
         JOIN performance_schema.metadata_locks w ON w.OBJECT_TYPE = m.OBJECT_TYPE \
          AND w.OBJECT_SCHEMA = m.OBJECT_SCHEMA AND w.OBJECT_NAME = m.OBJECT_NAME \
         JOIN performance_schema.threads v ON v.THREAD_ID = w.OWNER_THREAD_ID \
         WHERE v.PROCESSLIST_ID = {session} AND w.LOCK_STATUS = 'PENDING' \
          AND m.LOCK_STATUS = 'GRANTED' AND p.ID <> {session}"
    ));
    if let Ok(rows) = rows
        && !rows.is_empty()
    {
        return Some(rows);
    }
    ask(&format!(
        "SELECT DISTINCT {COLUMNS} FROM information_schema.METADATA_LOCK_INFO m \
         JOIN information_schema.PROCESSLIST p ON p.ID = m.THREAD_ID \
         LEFT JOIN information_schema.INNODB_TRX t ON t.trx_mysql_thread_id = p.ID \
         JOIN information_schema.PROCESSLIST v ON v.ID = {session} \
         WHERE m.LOCK_TYPE = 'Table metadata lock' AND p.ID <> {session} \
          AND COALESCE(p.STATE, '') NOT LIKE 'Waiting for%metadata lock' \
          AND LOCATE(LOWER(m.TABLE_NAME), LOWER(v.INFO)) > 0"
    ))
    .ok()
}

/// How far a statement is on MySQL.
fn mysql_stage(ask: &mut Ask<'_>, session: u64) -> QueryResult<Option<Inside>> {
    let rows = ask(&format!(
        "SELECT CAST(s.EVENT_NAME AS CHAR), CAST(s.WORK_COMPLETED AS CHAR), \
         CAST(s.WORK_ESTIMATED AS CHAR) FROM performance_schema.events_stages_current s \
         JOIN performance_schema.threads h ON h.THREAD_ID = s.THREAD_ID \
         WHERE h.PROCESSLIST_ID = {session}"
    ))?;
    Ok(rows.first().and_then(|row| {
        let name = text(row, 0)?;
        let (done, total): (f64, f64) = (number(row, 1)?, number(row, 2)?);
        Some(Inside {
            phase: name.trim_start_matches("stage/").to_owned(),
            fraction: (total > 0.0).then(|| (done / total).clamp(0.0, 1.0)),
        })
    }))
}

fn blockers(rows: &[Row], waits_for: Option<&str>, certain: bool) -> Vec<Blocker> {
    rows.iter()
        .filter_map(|row| {
            Some(Blocker {
                // A transaction that was prepared belongs to nobody once its session has gone.
                session: match text(row, 0)?.as_str() {
                    "0" => "of a prepared transaction (XA RECOVER names it)".to_owned(),
                    session => session.to_owned(),
                },
                user: text(row, 1),
                application: text(row, 2).map(|host| format!("from {host}")),
                state: text(row, 3),
                transaction_seconds: number(row, 4),
                query: text(row, 5).map(|query| redact::values(&query, Dialect::Mysql)),
                waits_for: waits_for.map(str::to_owned),
                certain,
                seen: time::now(),
            })
        })
        .collect()
}
