//! SQLite: what a migration refuses to do, and what it loses.
//!
//! A migration runs in one transaction with foreign keys on, as a careless tool would run it; a
//! script that says `-- migrate:no-transaction` runs as it stands. Before and after, everything is
//! counted: what is gone or has changed and was not dropped by its own name is lost.
//!
//! A writer keeps every other writer away from the whole file, whatever it does, so there is no label
//! of locks here.

use std::collections::{BTreeMap, BTreeSet};

use diesel::connection::SimpleConnection as _;
use diesel::{
    Connection as _, QueryableByName, RunQueryDsl as _, SqliteConnection, sql_query, sql_types,
};
use migrate_core::Dialect;

use super::{Case, Facts, Measured, Measurement, cases};

/// One row of text.
#[derive(QueryableByName)]
struct Text {
    #[diesel(sql_type = sql_types::Text)]
    text: String,
}

/// One row of two texts.
#[derive(QueryableByName)]
struct Pair {
    #[diesel(sql_type = sql_types::Text)]
    text: String,
    #[diesel(sql_type = sql_types::Text)]
    other: String,
}

/// One number.
#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = sql_types::BigInt)]
    number: i64,
}

/// The version of the SQLite that is built in, for example `3.50`.
///
/// # Panics
/// Never: SQLite knows its version.
#[must_use]
pub fn version() -> String {
    let mut conn = open();
    let version = texts(&mut conn, "SELECT sqlite_version() AS text").concat();
    let mut numbers = version.split('.');
    let (major, minor) = (numbers.next(), numbers.next());
    format!("{}.{}", major.unwrap_or("?"), minor.unwrap_or("?"))
}

/// Measures all cases.
///
/// # Panics
/// Where a case's schema cannot be made.
#[must_use]
pub fn measure() -> Measured {
    let mut measured = Measured::default();
    for case in cases(Dialect::Sqlite) {
        let measurement = measure_case(&case);
        measured.cases.insert(case.name, measurement);
    }
    measured
}

fn open() -> SqliteConnection {
    let mut conn = SqliteConnection::establish(":memory:").expect("a database in memory");
    run(&mut conn, "PRAGMA foreign_keys = ON");
    conn
}

fn run(conn: &mut SqliteConnection, sql: &str) {
    if let Err(error) = conn.batch_execute(sql) {
        panic!("{error}\n{sql}");
    }
}

/// The columns `text` and `other` of all rows.
fn pairs(conn: &mut SqliteConnection, sql: &str) -> BTreeMap<String, String> {
    let rows: Vec<Pair> = sql_query(sql).load(conn).expect("rows of text");
    rows.into_iter().map(|row| (row.text, row.other)).collect()
}

fn texts(conn: &mut SqliteConnection, sql: &str) -> Vec<String> {
    let rows: Vec<Text> = sql_query(sql).load(conn).expect("rows of text");
    rows.into_iter().map(|row| row.text).collect()
}

fn measure_case(case: &Case) -> Measurement {
    let mut conn = open();
    for part in [&case.given, &case.rows] {
        if let Err(error) = conn.batch_execute(part) {
            panic!("{}: {error}", case.name);
        }
    }
    let before = State::read(&mut conn);
    if !case.no_transaction() {
        run(&mut conn, "BEGIN");
    }
    let mut measured = Vec::new();
    let mut refused = None;
    for sql in case.statements(Dialect::Sqlite) {
        let result = conn.batch_execute(&sql);
        measured.push(Facts {
            sql,
            ..Facts::default()
        });
        if let Err(error) = result {
            refused = Some(error.to_string());
            break;
        }
    }
    if !case.no_transaction() {
        match &refused {
            None => {
                if let Err(error) = conn.batch_execute("COMMIT") {
                    refused = Some(error.to_string());
                }
            }
            Some(_) => run(&mut conn, "ROLLBACK"),
        }
    }
    let loses = match &refused {
        None => before.lost(&State::read(&mut conn), &case.when),
        Some(_) => BTreeSet::new(),
    };
    Measurement {
        refused,
        loses,
        statements: measured,
        ..Measurement::default()
    }
}

/// Everything that a migration can lose.
struct State {
    /// Table → rows.
    rows: BTreeMap<String, i64>,
    /// Indexes, triggers and views, as `index users_name` → its table.
    objects: BTreeMap<String, String>,
    /// Table → the highest number that AUTOINCREMENT has given.
    sequences: BTreeMap<String, i64>,
    /// Rows that point to nothing.
    violations: i64,
    /// Foreign keys, as `posts.user_id` → `users`.
    keys: BTreeMap<String, String>,
    /// What can still be done, as `read names`, `write users`: views and triggers that name what is
    /// gone make it fail.
    works: BTreeSet<String>,
}

impl State {
    fn read(conn: &mut SqliteConnection) -> Self {
        let tables = texts(
            conn,
            "SELECT name AS text FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
        );
        let mut rows = BTreeMap::new();
        for table in tables {
            let count = number(conn, &format!("SELECT count(*) AS number FROM \"{table}\""));
            rows.insert(table, count);
        }
        let objects = pairs(
            conn,
            "SELECT type || ' ' || name AS text, tbl_name AS other FROM sqlite_schema
             WHERE type <> 'table' AND name NOT LIKE 'sqlite_%'",
        );
        let keys = pairs(
            conn,
            "SELECT s.name || '.' || k.\"from\" AS text, k.\"table\" AS other
             FROM sqlite_schema AS s JOIN pragma_foreign_key_list(s.name) AS k WHERE s.type = 'table'",
        );
        let mut works = BTreeSet::new();
        for name in rows.keys() {
            // EXPLAIN compiles the triggers too.
            let insert = format!("EXPLAIN INSERT INTO \"{name}\" DEFAULT VALUES");
            let delete = format!("EXPLAIN DELETE FROM \"{name}\"");
            if conn.batch_execute(&insert).is_ok() && conn.batch_execute(&delete).is_ok() {
                works.insert(format!("writing to {name}"));
            }
        }
        for object in objects.keys() {
            let view = object.strip_prefix("view ");
            let select = view.map(|name| format!("EXPLAIN SELECT * FROM \"{name}\""));
            if select.is_some_and(|select| conn.batch_execute(&select).is_ok()) {
                works.insert(format!("reading from {object}"));
            }
        }
        let counted = "SELECT count(*) AS number FROM sqlite_schema WHERE name = 'sqlite_sequence'";
        let mut sequences = BTreeMap::new();
        if number(conn, counted) > 0 {
            for table in texts(conn, "SELECT name AS text FROM sqlite_sequence") {
                let select = format!(
                    "SELECT max(seq) AS number FROM sqlite_sequence WHERE name = '{table}'"
                );
                sequences.insert(table, number(conn, &select));
            }
        }
        Self {
            rows,
            objects,
            sequences,
            violations: number(
                conn,
                "SELECT count(*) AS number FROM pragma_foreign_key_check",
            ),
            keys,
            works,
        }
    }

    /// What is not there any more, but for what `script` drops or deletes from by name.
    fn lost(&self, after: &Self, script: &str) -> BTreeSet<String> {
        let names = |verb: &str, name: &str| {
            let script = script.to_ascii_lowercase();
            script.contains(&format!("{verb} {name}"))
                || script.contains(&format!("{verb} if exists {name}"))
        };
        let mut lost = BTreeSet::new();
        for (table, &rows) in &self.rows {
            match after.rows.get(table) {
                Some(&now) if now < rows && !names("delete from", table) => {
                    lost.insert(format!("rows of {table}"));
                }
                None if !names("drop table", table) && !names("alter table", table) => {
                    lost.insert(format!("table {table}"));
                }
                _ => {}
            }
        }
        for (object, table) in &self.objects {
            let (kind, name) = object.split_once(' ').unwrap_or(("", object));
            let gone = !after.objects.contains_key(object) && !names(&format!("drop {kind}"), name);
            // What belonged to a dropped table went with it.
            if gone && (kind == "view" || after.rows.contains_key(table)) {
                lost.insert(object.clone());
            }
        }
        for (table, &number) in &self.sequences {
            let now = after.sequences.get(table).copied().unwrap_or(0);
            if now < number && after.rows.contains_key(table) {
                lost.insert(format!("sequence of {table}"));
            }
        }
        for (key, parent) in &self.keys {
            let (table, column) = key.split_once('.').unwrap_or((key, ""));
            let still = after
                .keys
                .get(key)
                .is_some_and(|parent| after.rows.contains_key(parent));
            if !still && after.rows.contains_key(table) && !names("drop column", column) {
                lost.insert(format!("key {key} → {parent}"));
            }
        }
        for what in self.works.difference(&after.works) {
            let object = what.rsplit(' ').next().unwrap_or(what);
            if after.rows.contains_key(object)
                || after.objects.contains_key(&format!("view {object}"))
            {
                lost.insert(what.clone());
            }
        }
        if after.violations > self.violations {
            lost.insert("what rows point to".to_owned());
        }
        lost
    }
}

fn number(conn: &mut SqliteConnection, sql: &str) -> i64 {
    let row: Number = sql_query(sql).get_result(conn).expect("a number");
    row.number
}
