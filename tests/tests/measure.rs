//! What servers do is still what was measured: a fresh measurement against the one that is kept.
//!
//! A difference is a server that has changed, or a case. Look at it, then write down the new truth:
//! `tests/run --servers -- cargo run -p migrate-tests --bin measure`.
#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

use migrate_core::Dialect;
use migrate_tests::measure::{Measured, cases, mysql, path, postgres, sqlite};
use migrate_tests::server::{self, left_out};

/// Compares what was measured now with what is kept for that version of the server.
fn compare(dialect: Dialect, version: &str, measure: impl FnOnce() -> Measured) {
    let path = path(dialect, version);
    let Some(kept) = Measured::read(&path) else {
        return left_out(&format!(
            "measurements: none are kept for {dialect} {version} (`measure` makes them)"
        ));
    };
    let differences = measure().differences(&kept);
    assert!(
        differences.is_empty(),
        "{} cases are not as {} has them:\n{}",
        differences.len(),
        path.display(),
        differences.join("\n")
    );
}

#[test]
fn postgres_does_what_was_measured() {
    let Some(server) = server::postgres() else {
        return;
    };
    let version = postgres::version(&server);
    compare(Dialect::Postgres, &version, || postgres::measure(&server));
}

// Polls what cannot be read from counters, for minutes: for a quiet machine and a new server.
#[test]
#[ignore = "takes minutes: `tests/run --test measure -- --ignored`"]
fn mariadb_does_what_was_measured() {
    let Some(server) = server::mariadb() else {
        return;
    };
    let version = mysql::version(&server);
    compare(Dialect::Mysql, &version, || mysql::measure(&server));
}

#[test]
fn sqlite_does_what_was_measured() {
    compare(Dialect::Sqlite, &sqlite::version(), sqlite::measure);
}

/// Needs no server: every case is in every kept file, and nothing else is.
#[test]
fn what_is_kept_is_about_the_cases() {
    for dialect in Dialect::ALL {
        let cases = cases(dialect);
        let names: std::collections::BTreeSet<&str> =
            cases.iter().map(|case| case.name.as_str()).collect();
        for entry in std::fs::read_dir(migrate_tests::measure::folder(dialect)).expect("the folder")
        {
            let path = entry.expect("an entry").path();
            if path.extension().is_none_or(|e| e != "json") {
                continue;
            }
            let kept = Measured::read(&path).expect("a readable file");
            let kept: std::collections::BTreeSet<&str> =
                kept.cases.keys().map(String::as_str).collect();
            assert_eq!(names, kept, "{}: measure again", path.display());
        }
    }
}
