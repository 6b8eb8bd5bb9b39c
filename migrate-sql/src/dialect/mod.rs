//! From the text of a statement to its changes. Each dialect keeps its parser's tree to itself.

#[cfg(feature = "mysql")]
mod mysql;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(any(feature = "mysql", feature = "sqlite"))]
mod reader;
#[cfg(feature = "sqlite")]
mod sqlite;

use migrate_core::Dialect;

use crate::change::{Change, Opaque, Touches};
use crate::column_type::ColumnType;
use crate::expression::Expression;
use crate::name::Span;

/// What became of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Parsed {
    /// These are its changes, in order.
    Changes(Vec<Change>),
    /// No server of this dialect would take it.
    Broken(Vec<SyntaxError>),
}

/// Where a statement is broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// What is wrong, lower case, without a final period.
    pub message: String,
    /// The place.
    pub span: Span,
    /// What may have been meant.
    pub help: Option<String>,
}

/// Parses one statement as [`split`](migrate_core::split()) cuts it. `offset` is where it begins in
/// its script; all spans count from the script's first byte.
///
/// Where the feature of the dialect is off, every statement is opaque.
pub fn parse(statement: &str, offset: usize, dialect: Dialect) -> Parsed {
    match dialect {
        #[cfg(feature = "postgres")]
        Dialect::Postgres => postgres::parse(statement, offset),
        #[cfg(feature = "mysql")]
        Dialect::Mysql => mysql::parse(statement, offset),
        #[cfg(feature = "sqlite")]
        Dialect::Sqlite => sqlite::parse(statement, offset),
        #[allow(unreachable_patterns, reason = "depends on the features")]
        _ => Parsed::Changes(vec![not_built(statement, offset)]),
    }
}

/// Reads an expression that a catalogue or a script gives, without keywords around it.
pub fn expression(text: &str, dialect: Dialect) -> Expression {
    match dialect {
        #[cfg(feature = "postgres")]
        Dialect::Postgres => postgres::expression(text),
        #[cfg(feature = "mysql")]
        Dialect::Mysql => mysql::expression(text),
        #[cfg(feature = "sqlite")]
        Dialect::Sqlite => sqlite::expression(text),
        #[allow(unreachable_patterns, reason = "depends on the features")]
        _ => Expression::opaque(text),
    }
}

/// Reads a type as a catalogue or a script spells it.
pub fn column_type(text: &str, dialect: Dialect) -> ColumnType {
    match dialect {
        #[cfg(feature = "postgres")]
        Dialect::Postgres => postgres::column_type(text),
        #[cfg(feature = "mysql")]
        Dialect::Mysql => mysql::column_type(text),
        #[cfg(feature = "sqlite")]
        Dialect::Sqlite => sqlite::column_type(text),
        #[allow(unreachable_patterns, reason = "depends on the features")]
        _ => ColumnType::named(text),
    }
}

/// Whether a check is the one that MariaDB gives to a column of type JSON, which it keeps as
/// `longtext`. In changes such a column is of type `json` and has no such check; whoever reads a
/// live MariaDB does the same, so that both are equal.
#[cfg(feature = "mysql")]
pub fn is_mariadb_json_check(check: &Expression, column: &str) -> bool {
    mysql::is_json_check(check, column)
}

#[allow(dead_code, reason = "depends on the features")]
fn not_built(statement: &str, offset: usize) -> Change {
    Change::Opaque(Opaque {
        reason: "a statement of a database that this build does not parse".to_owned(),
        touches: Touches::Everything,
        span: Span::new(offset, offset + statement.len()),
    })
}
