//! PostgreSQL: `pg_class`, `pg_stat_activity`, `pg_locks` and what knows of replicas.

use diesel::QueryResult;
use migrate_core::Dialect;
use migrate_core::config::{Product, ServerVersion};
use migrate_runtime::Row;

use super::{Ask, Question, Traffic, number, shown, text};
use crate::forecast::evidence::{
    Blocked, InTheWay, InTheWayKind, Replica, Replicas, RowsBasis, TableSize,
};

pub(super) fn server(ask: &mut Ask<'_>) -> QueryResult<Option<ServerVersion>> {
    let rows = ask("SELECT pg_catalog.current_setting('server_version_num')")?;
    let version: Option<u32> = rows.first().and_then(|row| number(row, 0));
    Ok(version.map(|number| ServerVersion {
        product: Product::Postgres,
        version: [number / 10_000, number % 10_000, 0],
    }))
}

/// A table as this room names it: without its schema where that is `public`.
const NAME: &str =
    "CASE n.nspname WHEN 'public' THEN c.relname ELSE n.nspname || '.' || c.relname END";

/// Tables and materialized views; a partitioned table is as large as its partitions. Rows are
/// estimated as the planner does it: by the density at the last ANALYZE and the present size.
pub(super) fn sizes(ask: &mut Ask<'_>) -> QueryResult<Vec<TableSize>> {
    let sql = format!(
        "WITH parts AS (
             SELECT c.oid AS whole, coalesce(p.relid, c.oid) AS part
             FROM pg_catalog.pg_class c
             LEFT JOIN LATERAL (
                 SELECT relid FROM pg_catalog.pg_partition_tree(c.oid) WHERE isleaf
             ) p ON c.relkind = 'p'
             WHERE c.relkind IN ('r', 'p', 'm') AND c.relpersistence <> 't'
         ), sizes AS (
             SELECT whole,
                 sum(CASE
                     WHEN c.reltuples >= 0 AND c.relpages > 0
                         THEN c.reltuples * pg_catalog.pg_relation_size(c.oid) / 8192 / c.relpages
                     WHEN pg_catalog.pg_relation_size(c.oid) = 0 THEN 0
                     ELSE nullif(pg_catalog.pg_stat_get_live_tuples(c.oid), 0)
                 END)::bigint AS row_count,
                 sum(pg_catalog.pg_table_size(c.oid))::bigint AS table_bytes,
                 sum(pg_catalog.pg_indexes_size(c.oid))::bigint AS index_bytes
             FROM parts JOIN pg_catalog.pg_class c ON c.oid = part GROUP BY whole
         )
         SELECT {NAME}, row_count::text, table_bytes::text, index_bytes::text
         FROM sizes
         JOIN pg_catalog.pg_class c ON c.oid = whole
         JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
         WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_toast'
         ORDER BY 1"
    );
    let rows = ask(&sql)?;
    let sizes = rows.iter().map(|row| {
        let rows = number(row, 1);
        TableSize {
            table: text(row, 0),
            rows,
            rows_basis: match rows {
                Some(_) => RowsBasis::Statistics,
                None => RowsBasis::Unknown,
            },
            table_bytes: number(row, 2),
            index_bytes: number(row, 3),
        }
    });
    Ok(sizes.collect())
}

pub(super) fn traffic(ask: &mut Ask<'_>, question: Question<'_>) -> QueryResult<Traffic> {
    let mut traffic = Traffic::default();
    transactions(ask, question, &mut traffic)?;
    prepared(ask, question, &mut traffic)?;
    slots(ask, &mut traffic)?;
    replicas(ask, &mut traffic)?;
    Ok(traffic)
}

/// The tables, of those that the run locks, on which a list of (holder, table, mode) names a holder
/// whose lock stands in the way.
fn held(locks: &[Row], holder: &str, question: Question<'_>) -> Vec<String> {
    let of_holder = locks.iter().filter(|row| text(row, 0) == holder);
    let mut tables: Vec<String> = of_holder
        .filter(|row| {
            let (table, mode) = (text(row, 1), text(row, 2));
            let mut locked = question.locked.iter();
            locked.any(|(there, ours)| *there == table && conflicts(*ours, &mode))
        })
        .map(|row| text(row, 1))
        .collect();
    tables.sort();
    tables.dedup();
    tables
}

/// Whether a lock that keeps these away has to wait for one that is held.
fn conflicts(ours: Blocked, held: &str) -> bool {
    let reads = ["AccessShareLock", "RowShareLock"].contains(&held);
    match ours {
        Blocked::ReadsAndWrites => true,
        Blocked::Writes => !reads,
        Blocked::Nobody => !reads && held != "RowExclusiveLock",
        // A row lock takes ROW EXCLUSIVE.
        Blocked::SameRows => [
            "ShareLock",
            "ShareRowExclusiveLock",
            "ExclusiveLock",
            "AccessExclusiveLock",
        ]
        .contains(&held),
    }
}

fn transactions(
    ask: &mut Ask<'_>,
    question: Question<'_>,
    traffic: &mut Traffic,
) -> QueryResult<()> {
    let locks = ask(&format!(
        "SELECT DISTINCT l.pid::text, {NAME}, l.mode
         FROM pg_catalog.pg_locks l
         JOIN pg_catalog.pg_class c ON c.oid = l.relation
         JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
         WHERE l.locktype = 'relation' AND l.granted AND l.pid <> pg_catalog.pg_backend_pid()
             AND l.database = (SELECT oid FROM pg_catalog.pg_database
                               WHERE datname = pg_catalog.current_database())"
    ))?;
    let sessions = ask(
        "SELECT a.pid::text, coalesce(a.usename, ''), coalesce(a.application_name, ''), a.state,
             extract(epoch FROM pg_catalog.clock_timestamp() - a.xact_start)::text,
             a.query, a.backend_type
         FROM pg_catalog.pg_stat_activity a
         WHERE a.datname = pg_catalog.current_database() AND a.pid <> pg_catalog.pg_backend_pid()
         ORDER BY a.xact_start NULLS LAST, a.pid",
    )?;
    let mut hidden = 0;
    for session in &sessions {
        let pid = text(session, 0);
        let tables = held(&locks, &pid, question);
        let kind = text(session, 6);
        // Without the right to see it, the server leaves out state and times of other users.
        let is_hidden = session.get(3).is_none_or(Option::is_none);
        if is_hidden && kind == "client backend" {
            hidden += 1;
            if tables.is_empty() {
                continue;
            }
        }
        let age: Option<f64> = number(session, 4);
        let is_autovacuum = kind == "autovacuum worker";
        let is_long = age.is_some_and(|age| age >= question.long);
        // A young one is gone by the time that the run begins, and one without a transaction had let
        // go of its locks since they were read.
        let is_told = match is_autovacuum {
            true => !tables.is_empty(),
            false => is_long || (is_hidden && !tables.is_empty()),
        };
        if !is_told {
            continue;
        }
        let kind = match &*text(session, 3) {
            _ if is_autovacuum => InTheWayKind::Autovacuum,
            state if state.starts_with("idle in transaction") => InTheWayKind::IdleInTransaction,
            _ => InTheWayKind::LongTransaction,
        };
        let application = match &*text(session, 2) {
            "" => String::new(),
            name => format!(", {name}"),
        };
        // Autovacuum gives way to who waits for its lock, but not when it prevents a wraparound.
        let query = text(session, 5);
        let gives_way = is_autovacuum && !query.contains("wraparound");
        traffic.in_the_way.push(InTheWay {
            kind,
            who: format!("pid {pid}, {}{application}", text(session, 1)),
            for_seconds: age,
            query: Some(shown(&query, Dialect::Postgres)).filter(|it| !it.is_empty()),
            blocks_run: !gives_way
                && (!tables.is_empty() || (question.waits_for_all && !is_autovacuum)),
            tables: Some(tables),
        });
    }
    if hidden > 0 {
        traffic.not_checked.push(format!(
            "how long the transactions of {hidden} other sessions are open: this user is not shown \
             them (GRANT pg_read_all_stats shows them)"
        ));
    }
    Ok(())
}

/// Who reads on a standby.
pub(super) fn readers(ask: &mut Ask<'_>, long: f64) -> QueryResult<Vec<InTheWay>> {
    let rows = ask(
        "SELECT a.pid::text, coalesce(a.usename, ''), coalesce(a.application_name, ''),
             extract(epoch FROM pg_catalog.clock_timestamp() - a.xact_start)::text, a.query
         FROM pg_catalog.pg_stat_activity a
         WHERE a.backend_type = 'client backend' AND a.pid <> pg_catalog.pg_backend_pid()
         ORDER BY a.xact_start NULLS LAST, a.pid",
    )?;
    let readers = rows.iter().filter_map(|row| {
        let age = number::<f64>(row, 3).filter(|age| *age >= long)?;
        let application = match &*text(row, 2) {
            "" => String::new(),
            name => format!(", {name}"),
        };
        Some(InTheWay {
            kind: InTheWayKind::ReplicaTransaction,
            who: format!("pid {}, {}{application}", text(row, 0), text(row, 1)),
            for_seconds: Some(age),
            query: Some(shown(&text(row, 4), Dialect::Postgres)).filter(|it| !it.is_empty()),
            tables: Some(Vec::new()),
            blocks_run: false,
        })
    });
    Ok(readers.collect())
}

fn prepared(ask: &mut Ask<'_>, question: Question<'_>, traffic: &mut Traffic) -> QueryResult<()> {
    let transactions = ask("SELECT p.gid, p.owner::text, p.transaction::text,
             extract(epoch FROM pg_catalog.clock_timestamp() - p.prepared)::text
         FROM pg_catalog.pg_prepared_xacts p WHERE p.database = pg_catalog.current_database()
         ORDER BY p.prepared")?;
    if transactions.is_empty() {
        return Ok(());
    }
    // Their locks have no process. Each holds the lock on its own number, which says which virtual
    // transaction it is: until version 13 that is -1/xid, later the one of the session that prepared it.
    let locks = ask(&format!(
        "SELECT x.transactionid::text, {NAME}, l.mode
         FROM pg_catalog.pg_locks x
         JOIN pg_catalog.pg_locks l ON l.virtualtransaction = x.virtualtransaction
         JOIN pg_catalog.pg_class c ON c.oid = l.relation
         JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
         WHERE x.locktype = 'transactionid' AND x.pid IS NULL AND x.granted
             AND l.locktype = 'relation' AND l.pid IS NULL"
    ))?;
    for transaction in &transactions {
        let tables = held(&locks, &text(transaction, 2), question);
        traffic.in_the_way.push(InTheWay {
            kind: InTheWayKind::PreparedTransaction,
            who: format!("`{}`, {}", text(transaction, 0), text(transaction, 1)),
            for_seconds: number(transaction, 3),
            query: None,
            blocks_run: !tables.is_empty() || question.waits_for_all,
            tables: Some(tables),
        });
    }
    Ok(())
}

fn slots(ask: &mut Ask<'_>, traffic: &mut Traffic) -> QueryResult<()> {
    let slots = ask("SELECT slot_name::text FROM pg_catalog.pg_replication_slots
         WHERE NOT active AND NOT temporary ORDER BY 1")?;
    traffic.in_the_way.extend(slots.iter().map(|slot| InTheWay {
        kind: InTheWayKind::InactiveSlot,
        who: format!("`{}`", text(slot, 0)),
        for_seconds: None,
        query: None,
        tables: Some(Vec::new()),
        blocks_run: false,
    }));
    Ok(())
}

fn replicas(ask: &mut Ask<'_>, traffic: &mut Traffic) -> QueryResult<()> {
    // pid is shown to everybody, the rest only to who may see it.
    let rows = ask(
        "SELECT coalesce(nullif(application_name, ''), client_addr::text, 'pid ' || pid), state,
             extract(epoch FROM replay_lag)::text, (replay_lsn >= sent_lsn)::text
         FROM pg_catalog.pg_stat_replication WHERE state IS DISTINCT FROM 'backup' ORDER BY 1",
    )?;
    if rows
        .iter()
        .any(|row| row.get(1).is_none_or(Option::is_none))
    {
        let text = "how far replicas are behind: this user is not shown it \
                    (GRANT pg_read_all_stats shows it)";
        traffic.not_checked.push(text.to_owned());
    }
    let following: Vec<Replica> = rows
        .iter()
        .map(|row| {
            // The server tells no lag where all that was sent is replayed, or nothing ever was.
            let lag = number(row, 2).or((text(row, 3) == "true").then_some(0.0));
            let not_known = match row.get(1).is_some_and(Option::is_some) {
                true => "it has not told how long it takes to replay",
                false => "this user is not shown it",
            };
            Replica {
                name: text(row, 0),
                asked: false,
                lag_seconds: lag,
                not_known: lag.is_none().then(|| not_known.to_owned()),
            }
        })
        .collect();
    let note = (!following.is_empty()).then(|| {
        "a replica that answers queries replays ACCESS EXCLUSIVE locks, too: its queries on the table \
         wait, and are cancelled after max_standby_streaming_delay"
            .to_owned()
    });
    traffic.replicas = Replicas {
        following: Some(following),
        lag: None,
        note,
    };
    Ok(())
}
