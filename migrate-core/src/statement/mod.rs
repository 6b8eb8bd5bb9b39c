//! What one statement does, told from its keywords alone.
//!
//! No grammar is asked, so this also works in the runtime, which links none: whether a statement
//! may run in a transaction, whether it takes a strong lock, and what can be known about it when
//! it was started and its end was not recorded. Where keywords do not tell, the answer is the
//! careful one: [`Recovery::Unknown`].
//!
//! ```
//! use migrate_core::Dialect;
//! use migrate_core::statement::{Kind, classify};
//!
//! let index = classify("CREATE INDEX CONCURRENTLY i ON t (a)", Dialect::Postgres);
//! assert_eq!(index.kind, Kind::Ddl);
//! assert_eq!(index.restriction.unwrap().what, "CREATE INDEX CONCURRENTLY");
//! assert!(!index.strong_lock);
//! ```

mod change;
mod cursor;
mod custom_setting;
mod mysql;
mod postgres;
mod rebuild;
mod session;
mod sqlite;
#[cfg(test)]
mod tests;

use std::fmt;

use crate::Dialect;
use cursor::Cursor;

pub use change::{CatalogueChange, ObjectKind, ObjectName, Verb};
pub use custom_setting::custom_settings;
pub use rebuild::{ForeignKeyPragmas, foreign_key_pragmas, is_table_rebuild};
pub use session::{Leaning, SessionLean, leans_on_session};

/// What is known about a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Classified {
    /// What sort of statement it is.
    pub kind: Kind,
    /// Why it cannot run inside a transaction, if so.
    pub restriction: Option<NotInTransaction>,
    /// What is known if it was started and its end was not recorded, in a script that runs
    /// statement by statement.
    pub recovery: Recovery,
    /// It takes a lock that makes readers or writers of a table wait, so a lock timeout with
    /// retries should apply. What a called routine or a DO block does is not looked at.
    pub strong_lock: bool,
}

impl Classified {
    fn new(kind: Kind, recovery: Recovery) -> Self {
        Classified {
            kind,
            restriction: None,
            recovery,
            strong_lock: false,
        }
    }

    fn restricted(mut self, what: impl Into<String>) -> Self {
        self.restriction = Some(NotInTransaction { what: what.into() });
        self
    }

    fn locking(mut self, strong_lock: bool) -> Self {
        self.strong_lock = strong_lock;
        self
    }

    /// CREATE INDEX CONCURRENTLY without a name: if it is interrupted, nobody can tell which
    /// invalid index it left.
    pub fn is_unnamed_concurrent_index(&self) -> bool {
        self.recovery == Recovery::Unknown
            && self
                .restriction
                .as_ref()
                .is_some_and(|r| r.what == postgres::CREATE_INDEX_CONCURRENTLY)
    }
}

/// The sorts of statements.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// SELECT, SHOW, EXPLAIN, a PRAGMA that only reads.
    Query,
    /// INSERT, UPDATE, DELETE, MERGE, REPLACE, LOAD DATA.
    Dml,
    /// CREATE, ALTER, DROP, RENAME, TRUNCATE, COMMENT, GRANT, REVOKE.
    Ddl,
    /// Changes only the session: SET, USE, RESET, most PRAGMAs, ATTACH.
    Session,
    /// Begins, ends or structures a transaction, or commits beside its effect without being DDL:
    /// BEGIN, COMMIT, SAVEPOINT, SET autocommit, XA, MySQL's LOCK TABLES.
    TransactionControl,
    /// VACUUM, ANALYZE, REINDEX, OPTIMIZE, ALTER SYSTEM, SET GLOBAL.
    Maintenance,
    /// CALL, DO, EXECUTE and anonymous blocks, which may do anything.
    Call,
    /// COPY.
    Copy,
    /// Anything else.
    Other,
}

/// Why a statement cannot run inside a transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotInTransaction {
    /// The form that is refused, or has no effect there, as in `CREATE INDEX CONCURRENTLY`.
    pub what: String,
}

impl fmt::Display for NotInTransaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} cannot run inside a transaction", self.what)
    }
}

/// What is known about a statement that was started and whose end was not recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recovery {
    /// It runs in one transaction with the record of its end, so it happened if that is there and
    /// not otherwise.
    WithRecord,
    /// It changes only the session and is replayed.
    Session,
    /// Repeating it has the same result.
    Repeat,
    /// The catalogue tells: the named objects before against now.
    Catalogue(CatalogueChange),
    /// Nothing tells.
    Unknown,
}

/// Classifies one statement, as [`split`](crate::split()) cuts it.
pub fn classify(statement: &str, dialect: Dialect) -> Classified {
    let cursor = Cursor::new(statement, dialect);
    match dialect {
        Dialect::Postgres => postgres::classify(cursor),
        Dialect::Mysql => mysql::classify(cursor),
        Dialect::Sqlite => sqlite::classify(cursor),
    }
}
