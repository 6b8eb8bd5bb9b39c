//! MySQL and MariaDB.
//!
//! One reader for both servers in all their versions: what any of them takes is read.
//!
//! # What is clearly broken
//!
//! A statement is [`Broken`](Parsed::Broken) only where no version of MySQL or MariaDB takes it in
//! the default SQL mode:
//! - it begins with a word that begins no statement;
//! - in a statement that is read to its end (below) a token stands where none of that kind can: a
//!   misspelt or missing keyword, a missing or surplus comma or bracket, a reserved word as a name,
//!   a type that is nearly one, or that another database has;
//! - the rows of VALUES differ in length, a generated column has a default, a parameter stands twice,
//!   or a function has no RETURN;
//! - a name is longer than 64 characters.
//!
//! Never broken are, whatever they hold: version comments (`/*! … */`), of which each server reads
//! others, so that a fault only counts if it is there with and without them; statements nested more deeply than the reader goes; unknown types
//! that are near no known one, since plugins bring types; and the statements that are passed over
//! after their first words: see [`statement`]. Those are opaque, as is what has no form here.

mod alter;
mod column;
mod column_type;
mod database;
mod dml;
mod drop;
mod index;
mod key;
mod maintenance;
mod option;
mod prepared;
mod privilege;
mod program;
mod routine;
mod set;
mod statement;
mod table;
#[cfg(test)]
mod tests;
mod transaction;
mod value;
mod view;

use migrate_core::Dialect;
use migrate_core::lex::{Lexer, TokenKind};

use super::Parsed;
use super::reader::{Fault, Reader, VersionComments};
use crate::change::{Change, Opaque, Touches};
use crate::column_type::ColumnType;
use crate::expression::Expression;
use crate::name::Span;

pub(super) use column::is_json_check;

pub(super) fn parse(text: &str, offset: usize) -> Parsed {
    let mut reader = Reader::new(text, offset, Dialect::Mysql, VersionComments::Read);
    let fault = match reader.statement() {
        Ok(changes) => return Parsed::Changes(changes),
        Err(fault) => fault,
    };
    if has_version_comments(text) {
        let mut without = Reader::new(text, offset, Dialect::Mysql, VersionComments::Skip);
        let other = match without.statement() {
            Ok(changes) => return Parsed::Changes(changes),
            Err(other) => other,
        };
        // Where it is the same fault with and without them, it lies outside.
        if !fault.is_same(&other) {
            return Parsed::Changes(vec![opaque(&reader, "a statement in version comments")]);
        }
    }
    match fault {
        Fault::Broken(error) => Parsed::Broken(vec![error]),
        Fault::Unknown(reason) => Parsed::Changes(vec![opaque(&reader, reason)]),
    }
}

fn has_version_comments(text: &str) -> bool {
    (text.contains("/*!") || text.contains("/*M!"))
        && Lexer::new(text, Dialect::Mysql).any(|token| token.kind == TokenKind::VersionOpen)
}

/// A statement that cannot be followed touches what it names.
fn opaque(reader: &Reader<'_>, reason: &str) -> Change {
    Change::Opaque(Opaque {
        reason: reason.to_owned(),
        touches: Touches::Words(reader.words()),
        span: reader.whole(),
    })
}

pub(super) fn expression(text: &str) -> Expression {
    let mut reader = Reader::new(text, 0, Dialect::Mysql, VersionComments::Read);
    match reader.full_expression() {
        Ok(mut expression) if reader.at_end() => {
            expression.span = Span::default();
            text.clone_into(&mut expression.text);
            expression
        }
        // MySQL 8's catalogue escapes the quotes of strings: `_utf8mb4\'x\'`.
        _ if text.contains("\\'") => expression(&text.replace("\\'", "'")),
        _ => Expression::opaque(text),
    }
}

pub(super) fn column_type(text: &str) -> ColumnType {
    let mut reader = Reader::new(text, 0, Dialect::Mysql, VersionComments::Read);
    column::column_type(&mut reader).unwrap_or_else(|| ColumnType::named(text.to_lowercase()))
}
