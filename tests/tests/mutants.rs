//! A fixed sample of the mutants of real sets, see `migrate_tests::mutants`: the checks find as many
//! of the broken ones as is promised, and no error where the database finds none.
//!
//! The whole run is the program `mutants`.
#![allow(clippy::panic, reason = "a test may panic")]

use migrate_core::Dialect;
use migrate_tests::mutants::{Report, Run};

/// How many mutants a class has; the same ones in every run.
const SAMPLE: usize = 8;

/// How many of a class have to be broken for its share to say something.
const BIG_ENOUGH: usize = 5;

fn sample(dialect: Dialect) {
    let run = Run {
        dialects: vec![dialect],
        per_class: SAMPLE,
        ..Run::default()
    };
    let report = Report::new(&run.judge(&mut |_| {}));
    if report.rows.is_empty() {
        // No set or no server here: whoever looked for it has said so.
        return;
    }
    let shortfalls = report.shortfalls_of(BIG_ENOUGH);
    let missed = report.missed_table();
    assert!(
        shortfalls.is_empty(),
        "{}\n{report}\n{missed}",
        shortfalls.join("\n")
    );
}

#[test]
fn postgres() {
    sample(Dialect::Postgres);
}

#[test]
fn mariadb() {
    sample(Dialect::Mysql);
}

#[test]
fn sqlite() {
    sample(Dialect::Sqlite);
}
