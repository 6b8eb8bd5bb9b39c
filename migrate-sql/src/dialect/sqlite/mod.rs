//! SQLite.
//!
//! Nothing is ever broken here: SQLite itself judges its scripts, in memory. What the reader does
//! not follow is opaque.

mod column;
mod dml;
mod index;
mod statement;
mod table;

use migrate_core::Dialect;

use super::Parsed;
use super::reader::{Fault, Reader, VersionComments};
use crate::change::{Change, Opaque, Touches};
use crate::column_type::ColumnType;
use crate::expression::Expression;
use crate::name::Span;

pub(super) fn parse(text: &str, offset: usize) -> Parsed {
    let mut reader = Reader::new(text, offset, Dialect::Sqlite, VersionComments::Read);
    let changes = reader.sqlite_statement().unwrap_or_else(|fault| {
        let reason = match fault {
            Fault::Unknown(reason) => reason,
            Fault::Broken(_) => "a statement that is not understood",
        };
        vec![Change::Opaque(Opaque {
            reason: reason.to_owned(),
            touches: Touches::Words(reader.words()),
            span: reader.whole(),
        })]
    });
    Parsed::Changes(changes)
}

pub(super) fn expression(text: &str) -> Expression {
    let mut reader = Reader::new(text, 0, Dialect::Sqlite, VersionComments::Read);
    match reader.kept(Reader::expression) {
        Ok(mut expression) if reader.at_end() => {
            expression.span = Span::default();
            text.clone_into(&mut expression.text);
            expression
        }
        _ => Expression::opaque(text),
    }
}

pub(super) fn column_type(text: &str) -> ColumnType {
    let mut reader = Reader::new(text, 0, Dialect::Sqlite, VersionComments::Read);
    match reader.declared_type() {
        Ok(found) if reader.at_end() => found.unwrap_or_default(),
        _ => ColumnType::named(text),
    }
}
