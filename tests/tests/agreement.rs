//! The schema model and the real servers agree on what is refused.
//!
//! Each case of `agreement/*.sql` is a script. The statements before its last one must work on the
//! server; whether the last one works, the server says, and the model must say the same. Where the
//! model is allowed to know less than the server, the case is marked `-- missed: why`; the model
//! never may refuse what the server takes.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test that cannot go on has failed, and says how much it compared"
)]

use std::fmt::Write as _;
use std::sync::Arc;

use migrate_core::{Dialect, SourceFile, split};
use migrate_sql::Span;
use migrate_sql::dialect::{self, Parsed};
use migrate_sql::schema::{Place, Schema};
use migrate_tests::server::{self, Server};

/// Of what the servers refuse, the model refuses at least so many percent.
const LEAST_SHARE: usize = 85;

struct Case<'t> {
    name: &'t str,
    /// Why the model may be silent.
    missed: Option<&'t str>,
    statements: Vec<&'t str>,
}

/// Reads the cases out of a file: `-- case: name` begins one.
fn cases(text: &str, dialect: Dialect) -> Vec<Case<'_>> {
    text.split("-- case: ")
        .skip(1)
        .map(|part| {
            let (name, script) = part.split_once('\n').expect("a case has a script");
            let (missed, script) = match script.strip_prefix("-- missed: ") {
                Some(rest) => {
                    let (why, script) = rest.split_once('\n').expect("a case has a script");
                    (Some(why), script)
                }
                None => (None, script),
            };
            let found = split(script, dialect);
            assert!(found.problems.is_empty(), "{name}: {:?}", found.problems);
            Case {
                name,
                missed,
                statements: found
                    .statements
                    .iter()
                    .map(|statement| statement.text(script))
                    .collect(),
            }
        })
        .collect()
}

/// What the model says of each statement: the messages of what it refuses.
fn model(case: &Case<'_>, dialect: Dialect) -> Vec<Vec<String>> {
    let mut schema = Schema::new(dialect);
    case.statements
        .iter()
        .map(|text| {
            let source = Arc::new(SourceFile {
                path: "case.sql".to_owned(),
                text: (*text).to_owned(),
            });
            match dialect::parse(text, 0, dialect) {
                Parsed::Broken(errors) => errors.into_iter().map(|error| error.message).collect(),
                Parsed::Changes(changes) => changes
                    .iter()
                    .flat_map(|change| {
                        let statement = Span::new(0, text.len());
                        let source = &source;
                        schema.apply(change, Place { source, statement })
                    })
                    .map(|conflict| format!("[{}] {}", conflict.rule.code, conflict.message))
                    .collect(),
            }
        })
        .collect()
}

/// Compares the model with what `run` says of the first statements of each case.
fn compare(text: &str, dialect: Dialect, run: impl Fn(&[&str]) -> Result<(), String>) {
    let mut faults = String::new();
    let (mut refused, mut caught) = (0, 0);
    let cases = cases(text, dialect);
    for case in &cases {
        let said = model(case, dialect);
        let (last, before) = case.statements.split_last().expect("a case has statements");
        let (own, others) = said.split_last().expect("one answer a statement");
        if let Err(error) = run(before) {
            let _ = writeln!(faults, "{}: the set-up is refused: {error}", case.name);
            continue;
        }
        if let Some(message) = others.iter().flatten().next() {
            let _ = writeln!(
                faults,
                "{}: the model refuses the set-up: {message}",
                case.name
            );
            continue;
        }
        let server = run(&case.statements);
        refused += usize::from(server.is_err());
        caught += usize::from(server.is_err() && !own.is_empty());
        match (server, own.first()) {
            (Ok(()), Some(message)) => {
                let _ = writeln!(
                    faults,
                    "{}: only the model refuses: {message}\n    {last}",
                    case.name
                );
            }
            (Err(error), None) if case.missed.is_none() => {
                let _ = writeln!(
                    faults,
                    "{}: only the server refuses: {error}\n    {last}",
                    case.name
                );
            }
            (Err(_), Some(message)) if case.missed.is_some() => {
                let _ = writeln!(
                    faults,
                    "{}: marked as missed, but the model says: {message}",
                    case.name
                );
            }
            _ => {}
        }
    }
    let share = caught * 100 / refused.max(1);
    println!(
        "{} cases for {dialect}, {refused} refused by the server, {caught} of them by the model: \
         {share} %",
        cases.len()
    );
    assert!(faults.is_empty(), "{faults}");
    assert!(share >= LEAST_SHARE, "the model refuses {share} % only");
}

fn first_line(error: &str) -> String {
    error
        .lines()
        .find(|line| line.contains("ERROR"))
        .unwrap_or(error)
        .to_owned()
}

fn script(statements: &[&str]) -> String {
    statements
        .iter()
        .map(|statement| format!("{statement};\n"))
        .collect()
}

#[test]
fn postgres_and_the_model_agree() {
    let Some(server) = server::postgres() else {
        return;
    };
    let database = server.database("agreement");
    // Everything but ALTER TYPE … ADD VALUE of an older type can be rolled back.
    compare(
        include_str!("agreement/postgres.sql"),
        Dialect::Postgres,
        |statements| {
            let script = format!("BEGIN;\n{}ROLLBACK;\n", script(statements));
            database
                .try_sql(&script)
                .map(|_| ())
                .map_err(|error| first_line(&error))
        },
    );
}

#[test]
fn mariadb_and_the_model_agree() {
    let Some(server) = server::mariadb() else {
        return;
    };
    compare(
        include_str!("agreement/mysql.sql"),
        Dialect::Mysql,
        |statements| in_new_database(&server, statements),
    );
}

/// MariaDB cannot roll DDL back. Bodies hold semicolons, so the client is given another delimiter.
fn in_new_database(server: &Server, statements: &[&str]) -> Result<(), String> {
    const DELIMITER: &str = "~~";
    let mut script = format!("DELIMITER {DELIMITER}\n");
    for statement in statements {
        let _ = writeln!(script, "{statement}\n{DELIMITER}");
    }
    let database = server.database("agreement");
    database
        .try_sql(&script)
        .map(|_| ())
        .map_err(|error| first_line(&error))
}
