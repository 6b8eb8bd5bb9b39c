//! A statement is broken exactly where the server says so.

use migrate_core::{Dialect, split};
use migrate_sql::dialect::{self, Parsed};
use migrate_tests::server;

const ACCEPTED: &str = include_str!("accepted.sql");
const REFUSED: &str = include_str!("refused.sql");

/// The statements of a list: one a line.
fn statements(list: &str) -> Vec<&str> {
    list.lines()
        .filter(|line| !line.is_empty() && !line.starts_with("--"))
        .map(|line| line.trim_end_matches(';'))
        .collect()
}

/// Which statements are broken.
fn broken<'a>(statements: &[&'a str]) -> Vec<&'a str> {
    statements
        .iter()
        .copied()
        .filter(|statement| {
            matches!(
                dialect::parse(statement, 0, Dialect::Postgres),
                Parsed::Broken(_)
            )
        })
        .collect()
}

#[test]
fn the_lists_are_judged_as_they_should_be() {
    assert_eq!(broken(&statements(ACCEPTED)), [""; 0]);
    let refused = statements(REFUSED);
    assert_eq!(broken(&refused), refused);
}

#[test]
fn statements_are_cut_as_they_stand() {
    assert_eq!(
        split(ACCEPTED, Dialect::Postgres).statements.len(),
        statements(ACCEPTED).len()
    );
}

#[test]
fn the_server_agrees() {
    let Some(server) = server::postgres() else {
        return;
    };
    let database = server.database("grammar");
    for (list, expected) in [(ACCEPTED, false), (REFUSED, true)] {
        let statements = statements(list);
        // The server is asked to describe what it would run, and runs nothing.
        let mut script = "\\set ON_ERROR_STOP off\n".to_owned();
        for (at, statement) in statements.iter().enumerate() {
            script.push_str(&format!("{statement} \\gdesc\n\\echo @ {at} :SQLSTATE\n"));
            // A quote or parenthesis that is open would swallow what follows.
            script.push_str("\\r\n");
        }
        let answers = database.sql(&script);
        let mut judged = 0;
        for line in answers.lines() {
            let Some((at, state)) = line.strip_prefix("@ ").and_then(|it| it.split_once(' '))
            else {
                continue;
            };
            judged += 1;
            let statement = statements[at.parse::<usize>().expect("a number")];
            assert_eq!(state == "42601", expected, "{statement}: {state}");
        }
        assert_eq!(judged, statements.len());
    }
}
