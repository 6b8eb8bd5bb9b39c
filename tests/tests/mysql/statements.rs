//! Statements of all kinds: the server's parser takes them, and so does ours.

use std::fs;
use std::path::Path;

use migrate_core::Dialect;
use migrate_sql::change::Change;
use migrate_sql::dialect::{self, Parsed};
use migrate_tests::server::{self, Database};

/// Statements with an empty line between them.
fn statements(file: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures/mysql")
        .join(file);
    let text = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let statements: Vec<String> = text.split("\n\n").map(|it| it.trim().to_owned()).collect();
    statements.into_iter().filter(|it| !it.is_empty()).collect()
}

fn all() -> Vec<String> {
    ["tables.sql", "rows.sql", "programs.sql", "tools.sql"]
        .map(statements)
        .concat()
}

/// What the server's parser says: nothing where it takes the text. What comes after parsing (a
/// missing table, a statement that cannot be prepared) does not count.
fn syntax_error(database: &Database, statement: &str) -> Option<String> {
    let text = statement.replace('\\', "\\\\").replace('\'', "\\'");
    let error = database
        .try_sql(&format!("PREPARE s FROM '{text}'"))
        .err()?;
    // 1064: syntax; 4161: no such type; 1149: syntax, said later.
    let codes = ["ERROR 1064 ", "ERROR 4161 ", "ERROR 1149 "];
    codes
        .iter()
        .any(|code| error.contains(code))
        .then_some(error)
}

#[test]
fn the_server_takes_them() {
    let Some(server) = server::mariadb() else {
        return;
    };
    let database = server.database("statements");
    let all = all();
    assert!(all.len() >= 450, "{} statements", all.len());
    for statement in all {
        assert_eq!(syntax_error(&database, &statement), None, "{statement}");
    }
}

#[test]
fn the_reader_takes_them() {
    for statement in [all(), statements("mysql-only.sql")].concat() {
        if let Parsed::Broken(errors) = dialect::parse(&statement, 0, Dialect::Mysql) {
            panic!("{}: {statement}", errors[0].message);
        }
    }
}

/// What is opaque has a reason; a hole in the reader is none.
#[test]
fn few_are_opaque() {
    let known = ["dynamic SQL", "ALTER EVENT", "a compound statement"];
    for statement in [all(), statements("mysql-only.sql")].concat() {
        let Parsed::Changes(changes) = dialect::parse(&statement, 0, Dialect::Mysql) else {
            continue;
        };
        for change in changes {
            if let Change::Opaque(opaque) = change {
                let reason = opaque.reason.as_str();
                let expected = known.contains(&reason) || reason.starts_with("a call of");
                assert!(expected, "{reason}: {statement}");
            }
        }
    }
}

/// The server refuses what the reader calls broken.
#[test]
fn what_is_broken_is_refused() {
    let Some(server) = server::mariadb() else {
        return;
    };
    let database = server.database("broken");
    let broken = statements("broken.sql");
    assert!(broken.len() >= 100, "{} statements", broken.len());
    for statement in broken {
        let Parsed::Broken(errors) = dialect::parse(&statement, 0, Dialect::Mysql) else {
            panic!("not found to be broken: {statement}");
        };
        let span = errors[0].span;
        assert!(statement.get(span.start..span.end).is_some(), "{statement}");
        assert!(syntax_error(&database, &statement).is_some(), "{statement}");
    }
}
