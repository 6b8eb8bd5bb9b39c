//! What the facts of migrate-sql foretell about locks, against what was measured on real servers.
#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

use std::sync::Arc;

use migrate_core::config::ServerVersion;
use migrate_core::{
    CheckContext, Dialect, Direction, ScriptFile, SourceFile, SourceMigration, SqlChecks, Version,
    split,
};
use migrate_sql::Span;
use migrate_sql::change::Change;
use migrate_sql::check::Checks;
use migrate_sql::dialect::{self, Parsed};
use migrate_sql::hazard::{Blocked, Watch};
use migrate_sql::schema::{Place, Schema};
use migrate_tests::measure::{Case, Measured, Verdict, cases, judge, path};

/// Precision and recall that have to be reached, in per cent.
const ENOUGH: f64 = 95.0;

fn changes(script: &str, dialect: Dialect) -> Vec<Change> {
    let split = split(script, dialect);
    split
        .statements
        .iter()
        .flat_map(|statement| {
            let parsed = dialect::parse(statement.text(script), statement.span.start, dialect);
            match parsed {
                Parsed::Changes(changes) => changes,
                Parsed::Broken(errors) => panic!("{script}: {errors:?}"),
            }
        })
        .collect()
}

fn blocks(case: &Case, dialect: Dialect, server: ServerVersion) -> bool {
    let source = Arc::new(SourceFile {
        path: case.name.clone(),
        text: String::new(),
    });
    let place = Place {
        source: &source,
        statement: Span::default(),
    };
    let mut schema = Schema::new(dialect);
    for change in changes(&case.given, dialect) {
        schema.apply(&change, place);
    }
    let mut watch = Watch::new(Some(server), !case.no_transaction());
    let mut blocked = Blocked::Nobody;
    for change in changes(&case.when, dialect) {
        blocked = blocked.max(watch.step(&change, &schema).blocks_while_it_works());
        schema.apply(&change, place);
    }
    blocked != Blocked::Nobody
}

fn verdict(dialect: Dialect, measured: &str, server: &str) -> Verdict {
    let path = path(dialect, measured);
    let measured = Measured::read(&path).expect("the measurements");
    let server = server.parse().expect("a server");
    judge(&cases(dialect), &measured, |case| {
        blocks(case, dialect, server)
    })
}

fn assert_enough(verdict: &Verdict) {
    assert!(verdict.precision() >= ENOUGH, "{verdict}");
    assert!(verdict.recall() >= ENOUGH, "{verdict}");
}

#[test]
fn postgres_is_foretold() {
    assert_enough(&verdict(Dialect::Postgres, "15", "postgres 15"));
}

#[test]
fn mariadb_is_foretold() {
    assert_enough(&verdict(Dialect::Mysql, "mariadb-10.11", "mariadb 10.11"));
}

/// The rules about what SQLite lets go without a word.
const LOSSES: [&str; 4] = [
    "losing-rebuild",
    "dangling-foreign-key",
    "breaking-trigger",
    "cascading-delete",
];

/// Whether the rules find that a case loses something.
fn loses(case: &Case) -> bool {
    let migration = |version, text: &str| SourceMigration {
        version: Version::from_static(version),
        name: case.name.clone(),
        up: ScriptFile::of_text(Direction::Up, version, text, Dialect::Sqlite),
        down: None,
        irreversible: true,
        vouched: false,
    };
    let migrations = [migration("1", &case.given), migration("2", &case.when)];
    let context = CheckContext {
        dialect: Dialect::Sqlite,
        server: None,
        functions: &[],
    };
    let findings = Checks.check(&migrations, context);
    findings
        .iter()
        .any(|it| it.migration == 1 && LOSSES.contains(&it.diagnostic.rule.code))
}

#[test]
fn what_sqlite_loses_is_foretold() {
    let path = path(Dialect::Sqlite, "3.53");
    let measured = Measured::read(&path).expect("the measurements");
    let mut verdict = Verdict::default();
    for case in cases(Dialect::Sqlite) {
        let Some(measurement) = measured.cases.get(&case.name) else {
            continue;
        };
        if measurement.refused.is_some() {
            continue;
        }
        match (!measurement.loses.is_empty(), loses(&case)) {
            (true, true) => verdict.foretold.push(case.name),
            (true, false) => verdict.missed.push(case.name),
            (false, true) => verdict.false_alarms.push(case.name),
            (false, false) => {}
        }
    }
    assert!(!verdict.foretold.is_empty());
    assert_enough(&verdict);
}
