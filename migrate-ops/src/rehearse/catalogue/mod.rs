//! What the catalogues of the databases are asked; one module a database.

mod mysql;
mod postgres;
mod sqlite;

use migrate_core::Dialect;

/// The questions of a database. Every column of an answer is text or NULL.
#[derive(Debug)]
pub(super) struct Questions {
    /// One row: the server, and the database on it, so that two connections can tell whether they
    /// are to the same.
    pub(super) identity: Option<&'static str>,
    /// One row: by what [`locks`](Questions::locks) knows the session.
    pub(super) session: Option<&'static str>,
    /// The tables and indexes that a session has locked, asked on another one: schema or NULL,
    /// name, mode.
    pub(super) locks: Option<fn(session: &str) -> String>,
    /// Each table's key, its schema or NULL, its name, and its file, which changes where the table
    /// is written anew.
    pub(super) files: Option<&'static str>,
    /// Columns that no two runs fill alike: schema or NULL, table, column, reason.
    pub(super) volatile: &'static str,
    /// What in a copy runs by itself or is run by others: what it is (`trigger public.t`) and its
    /// text.
    pub(super) bodies: &'static str,
    /// What reaches out of the database by being there: what it is.
    pub(super) ways_out: Option<&'static str>,
    /// What the user of the session may do besides to its own database, which a trigger or a
    /// routine could do too.
    pub(super) powers: Option<&'static str>,
    /// The names of the server's other databases.
    pub(super) others: Option<&'static str>,
}

pub(super) fn questions(dialect: Dialect) -> &'static Questions {
    match dialect {
        Dialect::Postgres => &postgres::QUESTIONS,
        Dialect::Sqlite => &sqlite::QUESTIONS,
        _ => &mysql::QUESTIONS,
    }
}
