//! What the facts of migrate-sql foretell about locks, against what was measured on real servers.
#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

use std::sync::Arc;

use migrate_core::config::ServerVersion;
use migrate_core::{Dialect, SourceFile, split};
use migrate_sql::Span;
use migrate_sql::change::Change;
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
