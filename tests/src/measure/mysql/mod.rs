//! MariaDB.
//!
//! A migration runs statement by statement, on tables with [`ROWS`] rows.
//!
//! 1. With a session in the way that has read from every table in a transaction which is still open,
//!    and no patience: whether the statement needs a table for itself, be it for a moment.
//! 2. An `ALTER TABLE`, `CREATE INDEX` or `DROP INDEX` then asks for `ALGORITHM` and `LOCK`, from the
//!    least that it could need upwards. The first that the server accepts is the statement's class,
//!    and the class says whom it keeps away while it lasts. What the same questions bring on an empty
//!    copy of the table (`CREATE TABLE … LIKE`) is noted where it differs.
//! 3. Meanwhile two sessions a table try to read and to write, without patience. For statements
//!    without a class, and for other tables than the statement's own, they decide; where they
//!    contradict the class it is noted.
//!
//! Work is seen in the rows that the server counts a table (`userstat`), in the numbers that InnoDB
//! gives to tables and indexes when it stores them anew, and in no clock.

mod class;
mod tables;
mod traffic;

use std::collections::BTreeMap;

use migrate_core::Dialect;
use mysql_async::prelude::Queryable as _;
use mysql_async::{Conn, Error, Opts, Row};

use self::class::{Class, Subject};
use self::tables::{Numbers, Tables};
use self::traffic::{Observed, Traffic};
use super::{Blocked, Case, Facts, Measured, Measurement, cases};
use crate::server::Server;

/// How many rows the cases put into a table, more or less.
pub const ROWS: u32 = 20_000;

/// The server's version as far as it counts, for example `mariadb-10.11`.
#[must_use]
pub fn version(server: &Server) -> String {
    let version = server.admin().sql("SELECT VERSION()");
    let mut numbers = version.split('.');
    let (major, minor) = (numbers.next(), numbers.next());
    let numbers = format!("{}.{}", major.unwrap_or("?"), minor.unwrap_or("?"));
    match version.contains("MariaDB") {
        true => format!("mariadb-{numbers}"),
        false => format!("mysql-{numbers}"),
    }
}

/// Measures all cases. Turns on the server's statistics of tables for that time.
///
/// # Panics
/// Where a case's schema cannot be made, or the server cannot be reached.
#[must_use]
pub fn measure(server: &Server) -> Measured {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let database = server.database("measure");
    let before = server.admin().sql("SELECT @@GLOBAL.userstat");
    server.admin().sql("SET GLOBAL userstat = 1");
    let measured = runtime.block_on(async {
        let sessions = Sessions {
            opts: Opts::from_url(database.url()).expect("the server's URL"),
            database: database.name().to_owned(),
        };
        let mut measured = Measured::default();
        for case in cases(Dialect::Mysql) {
            let measurement = measure_case(&sessions, &case).await;
            measured.cases.insert(case.name, measurement);
        }
        measured
    });
    server
        .admin()
        .sql(&format!("SET GLOBAL userstat = {before}"));
    measured
}

/// Where sessions come from.
struct Sessions {
    opts: Opts,
    database: String,
}

impl Sessions {
    async fn open(&self) -> Conn {
        let mut conn = Conn::new(self.opts.clone()).await.expect("a connection");
        run(&mut conn, &format!("USE `{}`", self.database)).await;
        conn
    }
}

/// Runs a statement that must not fail.
async fn run(conn: &mut Conn, sql: &str) {
    if let Err(error) = conn.query_drop(sql).await {
        panic!("{error}\n{sql}");
    }
}

/// Runs a statement of a migration. OPTIMIZE and its like fail in a row of their result.
async fn try_run(conn: &mut Conn, sql: &str) -> Result<(), u16> {
    let rows: Vec<Row> = conn.query(sql).await.map_err(|error| code(&error))?;
    let waited = rows.iter().any(|row| {
        let message = row.get_opt::<String, _>("Msg_text");
        message.is_some_and(|text| text.is_ok_and(|text| text.contains("Lock wait timeout")))
    });
    if waited {
        Err(LOCK_WAIT_TIMEOUT)
    } else {
        Ok(())
    }
}

/// The server's error number.
fn code(error: &Error) -> u16 {
    match error {
        Error::Server(error) => error.code,
        other => panic!("the connection broke: {other}"),
    }
}

/// What a session says that has no patience and would have to wait.
const LOCK_WAIT_TIMEOUT: u16 = 1205;

async fn measure_case(sessions: &Sessions, case: &Case) -> Measurement {
    let mut conn = Conn::new(sessions.opts.clone())
        .await
        .expect("a connection");
    let name = &sessions.database;
    for sql in [
        format!("DROP DATABASE IF EXISTS `{name}`"),
        format!("CREATE DATABASE `{name}`"),
        format!("USE `{name}`"),
    ] {
        run(&mut conn, &sql).await;
    }
    for script in [&case.given, &case.rows] {
        let split = migrate_core::split(script, Dialect::Mysql);
        assert!(split.problems.is_empty(), "{}: {split:?}", case.name);
        for sql in split.texts(script) {
            if let Err(error) = conn.query_drop(sql).await {
                panic!("{}: {error}\n{sql}", case.name);
            }
        }
    }
    let tables = Tables::read(&mut conn).await;
    let mut measured = Vec::new();
    let mut refused = None;
    for sql in case.statements(Dialect::Mysql) {
        let mut facts = Facts {
            sql,
            ..Facts::default()
        };
        let result = measure_statement(sessions, &mut conn, &tables, &mut facts).await;
        measured.push(facts);
        if let Err(code) = result {
            refused = Some(code.to_string());
            break;
        }
    }
    conn.disconnect().await.expect("an orderly end");
    Measurement::of(measured, refused)
}

async fn measure_statement(
    sessions: &Sessions,
    conn: &mut Conn,
    tables: &Tables,
    facts: &mut Facts,
) -> Result<(), u16> {
    let subject = Subject::of(&facts.sql);
    let class_of_copy = match &subject {
        Some(subject) => class::of_copy(conn, &facts.sql, subject).await,
        None => None,
    };
    run(conn, "FLUSH TABLE_STATISTICS").await;
    let mut before = Numbers::read(conn).await;
    let traffic = Traffic::start(sessions, tables).await;

    let mut reader = sessions.open().await;
    run(&mut reader, "SET lock_wait_timeout = 0").await;
    run(&mut reader, "START TRANSACTION").await;
    for table in tables.names() {
        // The migration may have dropped or renamed it, or hold it: then there is nothing to hold.
        let _ = reader
            .query_drop(format!("SELECT 1 FROM `{table}` LIMIT 1"))
            .await;
    }
    run(conn, "SET lock_wait_timeout = 0").await;
    traffic.mark();
    let first = try_run(conn, &facts.sql).await;
    let mut observed = traffic.since_mark();
    reader.disconnect().await.expect("an orderly end");
    run(conn, "SET lock_wait_timeout = 60").await;

    let result = match first {
        Err(LOCK_WAIT_TIMEOUT) => {
            facts.exclusive = true;
            run(conn, "FLUSH TABLE_STATISTICS").await;
            before = Numbers::read(conn).await;
            again(conn, subject.as_ref(), facts, &traffic, &mut observed).await
        }
        first => first,
    };
    traffic.stop().await;
    result?;
    if facts.class.is_some() && facts.class != class_of_copy {
        facts.class_of_copy = class_of_copy;
    }
    tables.worked(conn, &before, facts).await;
    keep_away(facts, subject.as_ref(), tables, observed);
    Ok(())
}

/// Runs the statement with nobody in the way, at the least class that the server accepts.
async fn again(
    conn: &mut Conn,
    subject: Option<&Subject>,
    facts: &mut Facts,
    traffic: &Traffic,
    observed: &mut Option<Observed>,
) -> Result<(), u16> {
    if let Some(subject) = subject {
        for class in Class::candidates(&facts.sql) {
            traffic.mark();
            match try_run(conn, &subject.with(&facts.sql, class)).await {
                Ok(()) => {
                    *observed = traffic.since_mark();
                    facts.class = Some(class.to_string());
                    return Ok(());
                }
                Err(code) if class::is_refusal(code) => {}
                Err(code) => return Err(code),
            }
        }
    }
    traffic.mark();
    let result = try_run(conn, &facts.sql).await;
    *observed = traffic.since_mark();
    result
}

/// Says whom the statement kept away: from its own table by its class, else as observed.
///
/// A momentary exclusive lock at the beginning and the end turns away many of few attempts, so only
/// what cannot be that counts.
fn keep_away(
    facts: &mut Facts,
    subject: Option<&Subject>,
    tables: &Tables,
    observed: Option<Observed>,
) {
    // What takes a moment only is seen by chance.
    let observed = observed.filter(|_| facts.works());
    let kept_away = |at_least| match &observed {
        Some(observed) => observed.kept_away(at_least),
        None => BTreeMap::new(),
    };
    let class = facts.class.as_deref().and_then(Class::named);
    let subject = subject.filter(|s| tables.names().any(|name| name == s.table));
    let (Some(class), Some(subject)) = (class, subject) else {
        facts.keeps_away = kept_away(80);
        return;
    };
    let table = &subject.table;
    if class.blocks() == Blocked::Nobody {
        let never_let_in = kept_away(100);
        if never_let_in.contains_key(table) {
            facts.tried = Some(never_let_in);
        }
        return;
    }
    facts.keeps_away = kept_away(80);
    facts.keeps_away.insert(table.clone(), class.blocks());
    if observed.is_some() {
        let often = kept_away(50);
        if !often.contains_key(table) {
            facts.tried = Some(often);
        }
    }
}
