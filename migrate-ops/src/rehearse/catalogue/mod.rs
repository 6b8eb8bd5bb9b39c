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
    /// The lock of a session that has one, where it is one on the whole file: an attempt to write
    /// from another one fails, and where nobody may read either, so does one to read.
    pub(super) whole_file: bool,
    /// How a statement is made to wait, where its locks are over when it is.
    pub(super) braking: Option<Braking>,
    /// First on the session that ran, which makes the server count what it did: no row where the
    /// server does not count. Then how many rows were inserted, updated and deleted in each table so
    /// far: schema or NULL, name, three numbers.
    pub(super) rows: Option<(&'static str, &'static str)>,
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

/// How a statement is made to wait.
#[derive(Debug)]
pub(super) struct Braking {
    /// One row with something other than NULL, where the server tells its locks.
    pub(super) is_possible: &'static str,
    /// Makes the session ready that holds the lock.
    pub(super) ready: &'static str,
    /// The names of the tables that can be locked.
    pub(super) tables: &'static str,
    /// Locks a table, with its quoted name in between.
    pub(super) lock: (&'static str, &'static str),
    /// Lets go.
    pub(super) release: &'static str,
    /// What a session has locked or waits for, asked on another one: table, mode, `GRANTED` or
    /// `PENDING`.
    pub(super) locks: fn(session: &str) -> String,
}

impl Braking {
    /// The statement that locks tables; `None` where there are none.
    pub(super) fn lock(&self, tables: &[String]) -> Option<String> {
        let quote = |name: &String| Dialect::Mysql.quote_identifier(name);
        let each: Vec<String> = tables
            .iter()
            .map(|it| format!("{} {}", quote(it), self.lock.1))
            .collect();
        (!each.is_empty()).then(|| format!("{} {}", self.lock.0, each.join(", ")))
    }
}

pub(super) fn questions(dialect: Dialect) -> &'static Questions {
    match dialect {
        Dialect::Postgres => &postgres::QUESTIONS,
        Dialect::Sqlite => &sqlite::QUESTIONS,
        _ => &mysql::QUESTIONS,
    }
}
