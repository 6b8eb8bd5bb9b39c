//! What a live database tells of its size, of who works on it, and of its replicas. One module a
//! database; nothing here writes, and a user who may only read is enough, though such a user is not
//! shown all.

mod mysql;
mod postgres;
mod sqlite;

use diesel::QueryResult;
use diesel::connection::LoadConnection;
use migrate_core::config::ServerVersion;
use migrate_core::{Dialect, redact};
use migrate_runtime::{Database, Row};

use super::evidence::{Blocked, InTheWay, Replicas, TableSize};

/// Asks the database: one query, whose columns are all text.
pub(super) type Ask<'a> = dyn FnMut(&str) -> QueryResult<Vec<Row>> + 'a;

/// What is going on.
#[derive(Debug, Default)]
pub(super) struct Traffic {
    pub(super) in_the_way: Vec<InTheWay>,
    pub(super) replicas: Replicas,
    /// Whether a replica carries out an ALTER TABLE only when it is done here.
    pub(super) replays_ddl: bool,
    pub(super) not_checked: Vec<String>,
}

/// What is asked about.
#[derive(Clone, Copy, Debug)]
pub(super) struct Question<'a> {
    /// The tables that the run locks, and whom it keeps from them; nobody stands for SHARE UPDATE
    /// EXCLUSIVE.
    pub(super) locked: &'a [(String, Blocked)],
    /// The run has a statement that waits for every transaction that is older than itself.
    pub(super) waits_for_all: bool,
    /// From this age on, in seconds, a transaction is worth telling.
    pub(super) long: f64,
}

/// Reads with a connection.
pub(super) fn asking<DB: Database, C: LoadConnection<Backend = DB>>(
    conn: &mut C,
) -> impl FnMut(&str) -> QueryResult<Vec<Row>> {
    |sql| DB::rows(conn, sql)
}

/// The server, where it is one that is known.
pub(super) fn server(dialect: Dialect, ask: &mut Ask<'_>) -> QueryResult<Option<ServerVersion>> {
    match dialect {
        Dialect::Postgres => postgres::server(ask),
        Dialect::Mysql => mysql::server(ask),
        _ => sqlite::server(ask),
    }
}

/// The sizes of all tables.
pub(super) fn sizes(dialect: Dialect, ask: &mut Ask<'_>) -> QueryResult<Vec<TableSize>> {
    match dialect {
        Dialect::Postgres => postgres::sizes(ask),
        Dialect::Mysql => mysql::sizes(ask),
        _ => sqlite::sizes(ask),
    }
}

/// Who stands in the way, and who follows.
pub(super) fn traffic(
    dialect: Dialect,
    ask: &mut Ask<'_>,
    question: Question<'_>,
) -> QueryResult<Traffic> {
    match dialect {
        Dialect::Postgres => postgres::traffic(ask, question),
        Dialect::Mysql => mysql::traffic(ask, question),
        _ => Ok(sqlite::traffic()),
    }
}

/// The transactions on a replica that are open for so many seconds. Replaying what locks a table waits
/// for those who have read it, and none of them is waited for by the run itself.
pub(super) fn readers(
    dialect: Dialect,
    ask: &mut Ask<'_>,
    long: f64,
) -> QueryResult<Vec<InTheWay>> {
    match dialect {
        Dialect::Postgres => postgres::readers(ask, long),
        Dialect::Mysql => mysql::readers(ask, long),
        _ => Ok(Vec::new()),
    }
}

/// As much of a statement of somebody else as is shown.
const LONGEST: usize = 120;

/// A statement without passwords and values, on one line, cut to what is shown.
fn shown(sql: &str, dialect: Dialect) -> String {
    let hidden = redact::values(sql, dialect);
    let line = hidden.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()),
        None => line,
    }
}

/// The text in a column; empty for NULL.
fn text(row: &Row, column: usize) -> String {
    row.get(column).cloned().flatten().unwrap_or_default()
}

/// The number in a column.
fn number<T: std::str::FromStr>(row: &Row, column: usize) -> Option<T> {
    row.get(column)?.as_ref()?.parse().ok()
}
