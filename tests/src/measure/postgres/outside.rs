//! Statements outside a transaction, caught while they wait.

use std::collections::BTreeMap;
use std::time::Duration;

use super::relations::{Relations, counters};
use super::session::{Session, code};
use super::{Sessions, locks, moved, said, worked};
use crate::measure::{Blocked, Facts};

/// Adds what a session has counted to the counters that everybody sees.
const FLUSH: &str = "SELECT pg_stat_force_next_flush()";

/// How long between two looks at what the statement locks.
const PAUSE: Duration = Duration::from_millis(1);

/// Runs statements one by one. Returns what they did and the code of the refusal, if any.
pub(super) async fn measure(
    sessions: &Sessions,
    relations: &Relations,
    statements: Vec<String>,
) -> (Vec<Facts>, Option<String>) {
    let (session, watcher) = (&sessions.migration, &sessions.watcher);
    let mut files = relations.files();
    let mut measured = Vec::new();
    let mut refused = None;
    for sql in statements {
        let mut facts = Facts {
            sql,
            ..Facts::default()
        };
        for session in [session, watcher] {
            session.run(FLUSH).await;
        }
        let before = counters(&watcher.client, false).await;
        if let Err(error) = run(sessions, relations, &mut facts).await {
            refused = Some(code(&error));
            measured.push(facts);
            break;
        }
        session.run(FLUSH).await;
        let after = counters(&watcher.client, false).await;
        facts.says = said(session);
        worked(&mut facts, relations, &before, &after);
        moved(&mut facts, &watcher.client, relations, &mut files).await;
        facts.keeps_away = kept_away_by(&facts, relations);
        measured.push(facts);
    }
    (measured, refused)
}

/// Runs one statement against two sessions in its way, and reads its locks at each stop.
async fn run(
    sessions: &Sessions,
    relations: &Relations,
    facts: &mut Facts,
) -> Result<(), tokio_postgres::Error> {
    let (session, watcher) = (&sessions.migration, &sessions.watcher);
    let mut in_the_way = stand_in_the_way(sessions, relations).await;
    let statement = session.client.batch_execute(&facts.sql);
    tokio::pin!(statement);
    let result = loop {
        if let Ok(result) = tokio::time::timeout(PAUSE, &mut statement).await {
            break result;
        }
        let Some(next) = in_the_way.last() else {
            continue;
        };
        // While it waits nothing changes; what it locks and gives up in between is seen by chance.
        if is_blocked(watcher, session.pid, next.pid).await {
            for (name, modes) in locks(&watcher.client, session.pid, relations).await {
                facts.locks.entry(name).or_default().extend(modes);
            }
            next.run("ROLLBACK").await;
            in_the_way.pop();
        }
    };
    for session in in_the_way {
        session.run("ROLLBACK").await;
    }
    result
}

/// Lets two sessions hold locks on all tables: the last one conflicts with the most.
async fn stand_in_the_way<'a>(sessions: &'a Sessions, relations: &Relations) -> Vec<&'a Session> {
    let (reader, maintainer) = (&sessions.reader, &sessions.maintainer);
    reader.run("BEGIN ISOLATION LEVEL REPEATABLE READ").await;
    maintainer.run("BEGIN").await;
    for table in relations.tables() {
        let name = &table.name;
        // The statement before may have dropped it.
        let there = format!("SELECT to_regclass('{name}') IS NOT NULL");
        let there = sessions.watcher.client.query_one(&there, &[]).await;
        if !there.expect("the catalogue").get::<_, bool>(0) {
            continue;
        }
        reader.run(&format!("SELECT 1 FROM {name} LIMIT 1")).await;
        if table.kind != 'm' {
            let lock = format!("LOCK TABLE ONLY {name} IN SHARE UPDATE EXCLUSIVE MODE");
            maintainer.run(&lock).await;
        }
    }
    vec![reader, maintainer]
}

/// Whether a process waits for a lock of another.
async fn is_blocked(watcher: &Session, pid: i32, by: i32) -> bool {
    let select = "SELECT $2 = ANY (pg_blocking_pids($1))";
    let row = watcher.client.query_one(select, &[&pid, &by]).await;
    row.expect("the locks").get(0)
}

/// Whom lock modes keep away.
///
/// PostgreSQL's documentation, "Explicit Locking", table 13.2: reading conflicts with ACCESS
/// EXCLUSIVE, writing with everything from SHARE.
/// ACCESS EXCLUSIVE on an index, since every plan for its table looks at the index.
fn kept_away_by(facts: &Facts, relations: &Relations) -> BTreeMap<String, Blocked> {
    let mut kept_away = BTreeMap::new();
    for (name, modes) in &facts.locks {
        let (table, is_index) = relations.table_of(name);
        let blocked = modes.iter().map(|mode| match mode.as_str() {
            "ACCESS EXCLUSIVE" => Blocked::ReadsAndWrites,
            "SHARE" | "SHARE ROW EXCLUSIVE" | "EXCLUSIVE" if !is_index => Blocked::Writes,
            _ => Blocked::Nobody,
        });
        let blocked = blocked.max().unwrap_or(Blocked::Nobody);
        if blocked != Blocked::Nobody {
            let strongest = kept_away.entry(table.to_owned()).or_insert(blocked);
            *strongest = blocked.max(*strongest);
        }
    }
    kept_away
}
