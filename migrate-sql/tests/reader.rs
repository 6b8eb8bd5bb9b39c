//! The reader of MySQL and SQLite on arbitrary text: it answers, whatever it is given, in time that
//! grows with the text, and its places lie in the text.

#![allow(clippy::panic, clippy::unwrap_used)]

use std::fmt::Write as _;

use migrate_core::Dialect;
use migrate_sql::change::Change;
use migrate_sql::dialect::{Parsed, column_type, expression, parse};
use proptest::prelude::*;

const DIALECTS: [Dialect; 2] = [Dialect::Mysql, Dialect::Sqlite];

/// Words and marks from which statements are made, so that they come far into the reader.
const PIECES: &[&str] = &[
    "CREATE",
    "TABLE",
    "ALTER",
    "ADD",
    "DROP",
    "COLUMN",
    "INDEX",
    "KEY",
    "PRIMARY",
    "UNIQUE",
    "ON",
    "INT",
    "VARCHAR",
    "ENUM",
    "NOT",
    "NULL",
    "DEFAULT",
    "CHECK",
    "REFERENCES",
    "t",
    "a",
    "`b`",
    "'s'",
    "\"d\"",
    "1",
    "0x41",
    "(",
    ")",
    "(",
    ")",
    ",",
    ",",
    ".",
    "=",
    "<",
    ">",
    "-",
    "+",
    "*",
    "/",
    "SELECT",
    "FROM",
    "WHERE",
    "JOIN",
    "LEFT",
    "UNION",
    "ORDER",
    "BY",
    "LIMIT",
    "GROUP",
    "INSERT",
    "INTO",
    "VALUES",
    "UPDATE",
    "SET",
    "DELETE",
    "AND",
    "OR",
    "IN",
    "IS",
    "BETWEEN",
    "LIKE",
    "CASE",
    "WHEN",
    "THEN",
    "END",
    "EXISTS",
    "IF",
    "BEGIN",
    ";",
    "TRIGGER",
    "PROCEDURE",
    "FUNCTION",
    "VIEW",
    "AS",
    "WITH",
    "PARTITION",
    "RANGE",
    "INTERVAL",
    "DAY",
    "CAST",
    "/*!50001",
    "*/",
    "@x",
    ":=",
    "?",
    "OVER",
    "LOOP",
    "DECLARE",
    "CURSOR",
    "FOR",
    "EACH",
    "ROW",
    "é",
    "\\",
    "GENERATED",
    "ALWAYS",
    "STORED",
    "CONSTRAINT",
    "FOREIGN",
    "CHARACTER",
    "COLLATE",
    "MATCH",
];

fn answers(text: &str) {
    for dialect in DIALECTS {
        match parse(text, 7, dialect) {
            Parsed::Changes(_) => {}
            Parsed::Broken(errors) => {
                assert_eq!(dialect, Dialect::Mysql, "SQLite settles its own");
                for error in errors {
                    let place = error.span.start - 7..error.span.end - 7;
                    assert!(text.get(place).is_some(), "{text:?}: {error:?}");
                    assert!(!error.message.is_empty());
                }
            }
        }
        expression(text, dialect);
        column_type(text, dialect);
    }
}

proptest! {
    #[test]
    fn any_text(text in ".{0,200}") {
        answers(&text);
    }

    #[test]
    fn any_pieces(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..60)) {
        answers(&pieces.join(" "));
        answers(&pieces.concat());
    }
}

/// What nests without end is not followed, and the stack holds.
#[test]
fn deep_nesting() {
    for (open, middle, close) in [
        ("SELECT ", "(", ""),
        ("SELECT 1 WHERE ", "NOT ", "1"),
        ("SELECT ", "- ", "1"),
        ("SELECT ", "!", "1"),
        ("SELECT ", "a + b - ", "1"),
        ("SELECT ", "CASE WHEN 1 THEN ", "1"),
        ("SELECT ", "f(", ""),
        ("SELECT * FROM ", "(", "t"),
        ("", "(SELECT ", "1"),
        ("SELECT ", "(SELECT ", "1"),
        ("SELECT a ", "IN (SELECT a ", "1"),
        (
            "CREATE TRIGGER t BEFORE INSERT ON t FOR EACH ROW ",
            "BEGIN ",
            "",
        ),
        ("CREATE PROCEDURE p() ", "IF 1 THEN ", ""),
        (
            "CREATE TABLE t (a INT) PARTITION BY LIST (a) (PARTITION p VALUES IN ",
            "(",
            "",
        ),
    ] {
        let text = format!("{open}{}{close}", middle.repeat(20_000));
        parse(&text, 0, Dialect::Sqlite);
        assert!(
            matches!(&parse(&text, 0, Dialect::Mysql), Parsed::Changes(changes)
                if matches!(changes[..], [Change::Opaque(_)])),
            "{open}{middle}"
        );
    }
}

/// Long is not deep.
#[test]
fn long_statements() {
    let mut rows = String::from("INSERT INTO t VALUES (0, 'x')");
    let mut conditions = String::from("SELECT 1 FROM t WHERE a = 0");
    let mut columns = String::from("CREATE TABLE t (c INT");
    for number in 1..20_000 {
        write!(rows, ", ({number}, 'it''s')").unwrap();
        write!(conditions, " OR a = {number}").unwrap();
        write!(columns, ", c{number} INT NOT NULL DEFAULT {number}").unwrap();
    }
    columns.push(')');
    for text in [rows, conditions, columns] {
        for dialect in DIALECTS {
            let Parsed::Changes(changes) = parse(&text, 0, dialect) else {
                panic!("{dialect}");
            };
            assert!(!matches!(changes[..], [Change::Opaque(_)]), "{dialect}");
        }
    }
}
