//! What PostgreSQL's grammar refuses.
//!
//! The parser finds most of it, `strict` what it lets through. The server stops at the first fault,
//! and so do we: what follows it is mostly its echo. `repair` looks for the one small change after
//! which the statement is whole, which is what was meant more often than not.

mod repair;
mod strict;
mod words;

use squawk_syntax::{Parse, SourceFile};

use crate::dialect::SyntaxError;
use crate::name::Span;

/// A fault at a place of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Fault {
    start: usize,
    end: usize,
    /// What is wrong, as the parser says it.
    message: String,
}

/// The error in a statement that begins at `offset` of its script.
pub(super) fn error(
    statement: &str,
    parse: &Parse<SourceFile>,
    offset: usize,
) -> Option<SyntaxError> {
    let fault = first_fault(parse)?;
    let error =
        repair::find(statement, &fault).unwrap_or_else(|| words::describe(statement, &fault));
    Some(SyntaxError {
        span: error.span.shifted(offset),
        ..error
    })
}

/// The first fault; `None` where the server's grammar takes the statement.
fn first_fault(parse: &Parse<SourceFile>) -> Option<Fault> {
    let errors = parse.errors();
    let first = errors.first().map(|error| Fault {
        start: error.range().start().into(),
        end: error.range().end().into(),
        message: error.message().to_owned(),
    });
    match first {
        Some(fault) => Some(fault),
        None => strict::first_fault(&parse.syntax_node()),
    }
}

/// An error at bytes of the statement.
fn at(message: String, start: usize, end: usize, help: Option<String>) -> SyntaxError {
    SyntaxError {
        message,
        span: Span::new(start, end),
        help,
    }
}

#[cfg(test)]
mod tests {
    use crate::dialect::{Parsed, SyntaxError};

    fn broken(text: &str) -> SyntaxError {
        match super::super::parse(text, 0) {
            Parsed::Broken(mut errors) => errors.remove(0),
            Parsed::Changes(changes) => panic!("{text}: {changes:?}"),
        }
    }

    /// The message, the text that it points at, the help.
    fn told(text: &str) -> (String, String, String) {
        let error = broken(text);
        let place = text[error.span.start..error.span.end].to_owned();
        (error.message, place, error.help.unwrap_or_default())
    }

    #[test]
    fn misspelt_keywords() {
        for (text, word, meant) in [
            ("CREATE TABEL t (a int)", "TABEL", "TABLE"),
            ("CRATE TABLE t (a int)", "CRATE", "CREATE"),
            ("ALTER TABLE t ADD COLUM a int", "COLUM", "COLUMN"),
            ("ALTER TABLE t DORP COLUMN a", "DORP", "DROP"),
            ("CREATE TABLE t (a int PRIMARY KYE)", "KYE", "KEY"),
            ("CREATE TABLE t (a int NOT NUL)", "NUL", "NULL"),
            ("CREATE TABLE t (a int DEFALT 1)", "DEFALT", "DEFAULT"),
            ("CREATE UNIQUE INDX i ON t (a)", "INDX", "INDEX"),
            ("DROP TABLE t CASCDE", "CASCDE", "CASCADE"),
            ("SELECT a FORM t WHERE b = 1", "FORM", "FROM"),
            ("INSERT INTO t (a) VALUE (1)", "VALUE", "VALUES"),
            ("UPDATE t SET a = 1 WERE b = 2", "WERE", "WHERE"),
            (
                "CREATE TABLE t (a int REFERENCS u (id))",
                "REFERENCS",
                "REFERENCES",
            ),
        ] {
            let (message, place, help) = told(text);
            assert_eq!(place, word, "{text}: {message}");
            assert_eq!(
                help,
                format!("did you mean `{meant}`?"),
                "{text}: {message}"
            );
        }
    }

    #[test]
    fn commas_and_parentheses() {
        for (text, message, place) in [
            (
                "CREATE TABLE t (a int b int)",
                "a comma is missing before `b`",
                "b",
            ),
            ("CREATE TABLE t (a int,)", "this `,` is one too many", ","),
            (
                "CREATE TABLE t (a int",
                "a `)` is missing: this `(` is never closed",
                "(",
            ),
            (
                "CREATE TABLE t (a varchar(20, b int)",
                "a `)` is missing before `,`",
                ",",
            ),
            ("CREATE TABLE t (a int))", "this `)` is one too many", ")"),
            ("CREATE TABLE t a int)", "a `(` is missing before `a`", "a"),
            (
                "INSERT INTO t (a b) VALUES (1, 2)",
                "a comma is missing before `b`",
                "b",
            ),
            (
                "INSERT INTO t VALUES (1, 2) (3, 4)",
                "a comma is missing before `(`",
                "(",
            ),
        ] {
            let (told, at, _) = told(text);
            assert_eq!((told.as_str(), at.as_str()), (message, place), "{text}");
        }
    }

    #[test]
    fn what_the_parser_lets_through() {
        for (text, place) in [
            ("DROP TABLE", "TABLE"),
            ("DROP TABLE IF EXISTS", "EXISTS"),
            ("ALTER TABLE t", "t"),
            ("CREATE TABLE t", "t"),
            ("CREATE TABLE t (a)", ")"),
            ("CREATE TYPE c AS (a int, b)", ")"),
            ("ALTER FUNCTION f()", ")"),
            ("COPY t", "t"),
            ("DISCARD", "DISCARD"),
            ("SET TRANSACTION", "TRANSACTION"),
            ("SELECT a IS NOT NOT NULL", "NOT"),
            ("SELECT a IS TRU", "TRU"),
            ("SELECT 1 FROM t AS", "AS"),
            ("SELECT 1 FROM t AS x (a b)", "b"),
            ("ALTER TABLE t ADD CHECK (<> '')", "<>"),
            ("ALTER TABLE t RENAME a TO b, DROP COLUMN c", "RENAME"),
            ("ALTER TABLE t DROP COLUMN c, RENAME TO u", "RENAME"),
            ("CREATE ROLE u LOGN", "LOGN"),
            ("SELECT a[]", "]"),
            ("CREATE INDEX i ON t (a) NULLS NOT", "NOT"),
            ("VALUES (1, 2), (3)", "(3)"),
        ] {
            let (message, at, _) = told(text);
            assert_eq!(at, place, "{text}: {message}");
        }
    }

    #[test]
    fn other_databases_are_recognised() {
        for (text, hint) in [
            ("CREATE TABLE `t` (a int)", "double quotes"),
            ("CREATE TABLE t (a int AUTO_INCREMENT)", "GENERATED"),
            ("ALTER TABLE t MODIFY COLUMN a int", "ALTER COLUMN"),
            ("INSERT IGNORE INTO t VALUES (1)", "ON CONFLICT"),
            ("CREATE TABLE t (a int) ENGINE=InnoDB", "MySQL"),
        ] {
            let (message, _, help) = told(text);
            assert!(help.contains(hint), "{text}: {message}: {help}");
        }
    }

    #[test]
    fn a_fault_in_a_body_is_where_it_is() {
        let (message, place, _) =
            told("CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT 1 + $$");
        assert!(message.starts_with("expected"), "{message}");
        assert!(place.is_empty() || !place.contains("CREATE"), "{place}");
    }

    #[test]
    fn places_are_shifted() {
        let Parsed::Broken(errors) = super::super::parse("CREATE TABEL t (a int)", 50) else {
            panic!()
        };
        assert_eq!(errors[0].span, crate::name::Span::new(57, 62));
    }

    #[test]
    fn what_the_server_takes_is_not_refused() {
        for text in [
            "CREATE TABLE t ()",
            "CREATE TABLE p PARTITION OF t (a WITH OPTIONS NOT NULL) DEFAULT",
            "CREATE TABLE t (a, b) AS SELECT 1, 2",
            "CREATE TABLE t OF c (a NOT NULL)",
            "SELECT x IS NOT UNKNOWN, y IS DISTINCT FROM z, w IS DOCUMENT, v IS NFC NORMALIZED",
            "SELECT * FROM f() AS (a int, b text)",
            "SELECT * FROM f() AS g (a int, b text), t AS u (a, b)",
            "SELECT $1[1], a[1:2], (ARRAY[1])[1], (f(1)).b",
            "ALTER TABLE t ATTACH PARTITION p DEFAULT",
            "MOVE FORWARD c",
            "ALTER USER u",
            "SELECT CURRENT_TIME(3), localtime",
            "CREATE ROLE u LOGIN SUPERUSER BYPASSRLS CONNECTION LIMIT 3",
        ] {
            assert!(
                matches!(super::super::parse(text, 0), Parsed::Changes(_)),
                "{text}: {:?}",
                broken(text)
            );
        }
    }
}
