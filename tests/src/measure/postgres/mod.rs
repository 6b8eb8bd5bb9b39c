//! PostgreSQL.
//!
//! A migration runs in one transaction, statement by statement. After each, `pg_locks` says which
//! locks the transaction holds, and another session tries to read from and to write to every table
//! that was there before: that is who is kept away until COMMIT. Work is seen in the transaction's
//! own counters (`pg_stat_xact_user_tables`), which count the scans of rewrites, checks and index
//! builds too, and in the files that changed (`pg_class.relfilenode`).
//!
//! What runs outside a transaction (CONCURRENTLY, VACUUM) is caught while it waits, first for a
//! session that lets nothing in that conflicts with SHARE UPDATE EXCLUSIVE, then for one that only
//! reads: each stage's locks are read then. There the lock modes decide who is kept away.
//!
//! Not counted by the server, and so no work here: the reading of VACUUM and ANALYZE, neither of
//! which keeps anybody away.

mod outside;
mod relations;
mod session;

use std::collections::{BTreeMap, BTreeSet};

use migrate_core::Dialect;
use tokio_postgres::Client;

use self::relations::{Counters, Relations, counters};
use self::session::{Session, code, describe};
use super::{Blocked, Case, Facts, Measured, Measurement, cases};
use crate::server::Server;

/// Settings of the measured session: the same plans and the same counters every time. Rows that a
/// parallel worker reads are not counted in the session's transaction.
const SETTINGS: &str = "SET TimeZone = 'UTC'; SET max_parallel_workers_per_gather = 0;
    SET max_parallel_maintenance_workers = 0; SET jit = off; SET client_min_messages = debug1";

/// The server's version as far as it counts, for example `15`.
#[must_use]
pub fn version(server: &Server) -> String {
    let number = server.admin().sql("SHOW server_version_num");
    let number: u32 = number.parse().expect("a version number");
    (number / 10_000).to_string()
}

/// Measures all cases.
///
/// # Panics
/// Where a case's schema cannot be made, or the server cannot be reached.
#[must_use]
pub fn measure(server: &Server) -> Measured {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let database = server.database("measure");
    runtime.block_on(async {
        let sessions = Sessions::open(database.url()).await;
        let mut measured = Measured::default();
        for case in cases(Dialect::Postgres) {
            let measurement = measure_case(&sessions, &case).await;
            measured.cases.insert(case.name, measurement);
        }
        measured
    })
}

/// Who takes part.
struct Sessions {
    /// Runs the migration.
    migration: Session,
    /// Looks on, and tries to read and write.
    watcher: Session,
    /// Stands in the way of what takes SHARE UPDATE EXCLUSIVE or more.
    maintainer: Session,
    /// Stands in the way of what takes ACCESS EXCLUSIVE or waits for old snapshots.
    reader: Session,
}

impl Sessions {
    async fn open(url: &str) -> Self {
        Self {
            migration: Session::open(url).await,
            watcher: Session::open(url).await,
            maintainer: Session::open(url).await,
            reader: Session::open(url).await,
        }
    }
}

async fn measure_case(sessions: &Sessions, case: &Case) -> Measurement {
    let (session, watcher) = (&sessions.migration, &sessions.watcher);
    clear(watcher).await;
    for part in [&case.given, &case.rows] {
        if let Err(error) = watcher.client.batch_execute(part).await {
            panic!("{}: {}", case.name, describe(&error));
        }
    }
    watcher.run("ANALYZE").await;
    let relations = Relations::read(&watcher.client).await;
    session.run("RESET ALL").await;
    session.run(SETTINGS).await;
    session.notices();
    let statements = case.statements(Dialect::Postgres);
    let (measured, refused) = if case.no_transaction() {
        outside::measure(sessions, &relations, statements).await
    } else {
        let measured = in_transaction(session, watcher, &relations, statements).await;
        session.run("ROLLBACK").await;
        measured
    };
    Measurement::of(measured, refused)
}

/// Runs statements in one transaction. Returns what they did and the code of the refusal, if any.
async fn in_transaction(
    session: &Session,
    watcher: &Session,
    relations: &Relations,
    statements: Vec<String>,
) -> (Vec<Facts>, Option<String>) {
    session.run("BEGIN").await;
    let mut files = relations.files();
    let mut before = counters(&session.client, true).await;
    let mut measured = Vec::new();
    let mut refused = None;
    for sql in statements {
        let result = session.client.batch_execute(&sql).await;
        let mut facts = Facts {
            sql,
            ..Facts::default()
        };
        if let Err(error) = result {
            refused = Some(code(&error));
            measured.push(facts);
            break;
        }
        facts.says = said(session);
        facts.locks = locks(&watcher.client, session.pid, relations).await;
        facts.keeps_away = kept_away(&watcher.client, relations).await;
        let after = counters(&session.client, true).await;
        worked(&mut facts, relations, &before, &after);
        before = after;
        moved(&mut facts, &session.client, relations, &mut files).await;
        measured.push(facts);
    }
    // A deferred constraint may still refuse.
    if refused.is_none()
        && let Err(error) = session.client.batch_execute("COMMIT").await
    {
        refused = Some(code(&error));
    }
    (measured, refused)
}

/// Removes what the case before has left.
async fn clear(session: &Session) {
    let publications = session
        .client
        .query("SELECT quote_ident(pubname) FROM pg_publication", &[])
        .await
        .expect("the publications");
    for row in publications {
        let name: &str = row.get(0);
        session.run(&format!("DROP PUBLICATION {name}")).await;
    }
    let schemas = session
        .client
        .query(
            "SELECT quote_ident(nspname) FROM pg_namespace
             WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'",
            &[],
        )
        .await
        .expect("the schemas");
    for row in schemas {
        let name: &str = row.get(0);
        session.run(&format!("DROP SCHEMA {name} CASCADE")).await;
    }
    session.run("CREATE SCHEMA public").await;
}

/// What the server said about work on rows; debug1 holds other things too.
fn said(session: &Session) -> BTreeSet<String> {
    const ABOUT: [&str; 6] = [
        "rewriting table",
        "verifying table",
        "building index",
        "validating foreign key",
        "existing constraints on column",
        "partition constraint for",
    ];
    let mut said: BTreeSet<String> = session.notices().into_iter().collect();
    // A TOAST table's name holds an oid.
    said.retain(|message| {
        ABOUT.iter().any(|about| message.contains(about)) && !message.contains("pg_toast")
    });
    said
}

/// The locks that a process holds or waits for, on what was there before, by name, in SQL's words.
async fn locks(
    client: &Client,
    pid: i32,
    relations: &Relations,
) -> BTreeMap<String, BTreeSet<String>> {
    let rows = client
        .query(
            "SELECT relation, mode FROM pg_locks
             WHERE pid = $1 AND locktype = 'relation' AND relation = ANY($2)",
            &[&pid, &relations.oids()],
        )
        .await
        .expect("the locks");
    let mut locks = BTreeMap::<String, BTreeSet<String>>::new();
    for row in rows {
        if let Some(relation) = relations.get(row.get(0)) {
            let modes = locks.entry(relation.name.clone()).or_default();
            modes.insert(mode(row.get(1)));
        }
    }
    locks
}

/// `AccessExclusiveLock` as `ACCESS EXCLUSIVE`.
fn mode(mode: &str) -> String {
    let mut words = String::new();
    for character in mode.trim_end_matches("Lock").chars() {
        if character.is_ascii_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.push(character.to_ascii_uppercase());
    }
    words
}

/// Tries to read and to write every table, and says where that has to wait.
async fn kept_away(client: &Client, relations: &Relations) -> BTreeMap<String, Blocked> {
    let mut kept_away = BTreeMap::new();
    for table in relations.tables() {
        let name = &table.name;
        let blocked = if has_to_wait(client, &format!("SELECT 1 FROM {name} LIMIT 1")).await {
            Blocked::ReadsAndWrites
        } else if table.kind != 'm'
            // Locks the table and its indexes as every write does, and no row.
            && has_to_wait(client, &format!("DELETE FROM {name} WHERE false")).await
        {
            Blocked::Writes
        } else {
            continue;
        };
        kept_away.insert(name.clone(), blocked);
    }
    kept_away
}

async fn has_to_wait(client: &Client, sql: &str) -> bool {
    // Counts from the moment at which it waits for a lock, so that a slow machine does not matter.
    let set = "SET lock_timeout = '10ms'";
    client.batch_execute(set).await.expect("a setting");
    let result = client.batch_execute(sql).await;
    let set = "SET lock_timeout = 0";
    client.batch_execute(set).await.expect("a setting");
    match result {
        Ok(()) => false,
        Err(error) => match code(&error).as_str() {
            "55P03" => true,
            // A materialized view without data, a published table without identity.
            "55000" => false,
            _ => panic!("{}\n{sql}", describe(&error)),
        },
    }
}

/// Notes the tables of which half the rows were read or written between two counts.
fn worked(facts: &mut Facts, relations: &Relations, before: &Counters, after: &Counters) {
    for (&oid, &(read, wrote)) in after {
        let (read_before, wrote_before) = before.get(&oid).copied().unwrap_or_default();
        let Some(table) = relations.get(oid).filter(|table| table.rows > 0) else {
            continue;
        };
        if (read - read_before) * 2 >= table.rows {
            facts.read.insert(table.name.clone());
        }
        if (wrote - wrote_before) * 2 >= table.rows {
            facts.wrote.insert(table.name.clone());
        }
    }
}

/// Notes what is stored anew. TRUNCATE changes files too, but reads nothing.
async fn moved(
    facts: &mut Facts,
    client: &Client,
    relations: &Relations,
    files: &mut BTreeMap<u32, u32>,
) {
    let moved = relations.moved(client, files).await;
    if facts.read.is_empty() {
        return;
    }
    for relation in &moved {
        if relation.is_table() {
            facts.rewrote.insert(relation.name.clone());
        } else if relation.is_index() {
            facts.built.insert(relation.name.clone());
        }
    }
}
