//! What differs between databases, one module each.
//!
//! A fourth database is one more file here: quoting, the DDL of the history, the lock, session
//! state, timeouts, and what the catalogue tells about a statement that was interrupted.

use std::time::Duration;

use diesel::QueryResult;
use diesel::result::{DatabaseErrorKind, Error as DieselError};
use migrate_core::Dialect;
use migrate_core::statement::CatalogueChange;

use crate::error::{Error, ErrorKind};
use crate::obstacle::Obstacle;
use crate::session::Session;

mod mysql;
mod own_runs;
mod postgres;
mod sqlite;

pub(crate) use own_runs::OwnRun;

/// What was found out about the server before the first write.
#[derive(Clone, Debug, Default)]
pub(crate) struct Server {
    /// The current database; the main file on SQLite.
    pub(crate) database: String,
    /// The schema or database that an unqualified history table belongs to.
    pub(crate) schema: String,
    /// The schemas in which another tool's table would be.
    pub(crate) visible_schemas: Vec<String>,
    /// The database user.
    pub(crate) user: String,
    /// Why session locks do not hold here, where they do not.
    pub(crate) no_session_lock: Option<&'static str>,
    /// Why it takes no writes, where it does not.
    pub(crate) read_only: Option<&'static str>,
}

/// A table and the schema it is in; the schema is empty on SQLite.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TableName {
    pub(crate) schema: String,
    pub(crate) name: String,
}

/// One catalogue object at one moment; `None` where it did not exist.
pub(crate) type ObjectState = Option<String>;

/// What the catalogue says about an interrupted statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It happened.
    Done,
    /// It did not.
    NotDone,
    /// It left something behind that this SQL removes; then it counts as not done.
    Remnant(String),
    /// Nothing tells; the text is the evidence.
    Unsure(String),
}

/// The settings of a session that a script may change, with their values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct SessionState {
    /// Those that the database lists.
    pub(crate) listed: Vec<(String, Option<String>)>,
    /// Those whose names had to be known.
    pub(crate) custom: Vec<(String, Option<String>)>,
}

impl SessionState {
    fn of(rows: Vec<crate::database::Row>) -> Vec<(String, Option<String>)> {
        rows.into_iter()
            .filter_map(|row| {
                let mut row = row.into_iter();
                Some((row.next()??, row.next().flatten()))
            })
            .collect()
    }
}

/// What differs between databases.
pub(crate) trait Backend: Sync {
    /// A name as an identifier, whatever it holds.
    fn identifier(&self, name: &str) -> String;

    /// A text as a literal, whatever it holds.
    fn text(&self, text: &str) -> String;

    /// Finds out what server this is.
    ///
    /// # Errors
    /// [`ErrorKind::Engine`] for one that only resembles a supported one.
    fn inspect(&self, session: &mut dyn Session) -> Result<Server, Error>;

    /// Which of these tables exist, in the schema of the first column of each pair.
    fn existing(
        &self,
        session: &mut dyn Session,
        schemas: &[String],
        names: &[&str],
    ) -> QueryResult<Vec<TableName>>;

    /// Whether a table has a column.
    fn has_column(
        &self,
        session: &mut dyn Session,
        table: &TableName,
        column: &str,
    ) -> QueryResult<bool>;

    /// The types of the columns of our own tables.
    fn types(&self) -> &'static Types;

    /// An expression as text, for reading.
    fn as_text(&self, expression: &str) -> String;

    /// A time column as `YYYY-MM-DD hh:mm:ss` in UTC.
    fn time_as_text(&self, column: &str) -> String;

    /// The present moment, for a time column.
    fn now(&self) -> &'static str;

    /// What stands between `INSERT … SELECT <values>` and `WHERE`: nothing, or `FROM DUAL`.
    fn no_table(&self) -> &'static str {
        ""
    }

    /// Whether the lock is the write transaction of each migration, as on SQLite.
    fn lock_is_transaction(&self) -> bool {
        false
    }

    /// Whether a query of a table that is not there does no harm, not even to an open transaction,
    /// so that reading is the cheapest way to ask whether it is there.
    fn forgives_missing_tables(&self) -> bool {
        false
    }

    /// Makes reads wait for a writer too, where that is a setting of the session, before the first
    /// one is sent. Answers with the SQL that undoes it.
    fn be_patient(
        &self,
        _session: &mut dyn Session,
        _wait: Duration,
    ) -> QueryResult<Option<String>> {
        Ok(None)
    }

    /// Tries to take the session lock without waiting.
    fn try_lock(&self, session: &mut dyn Session, name: &LockName) -> QueryResult<bool>;

    /// Whether the database shows that this session holds the lock.
    fn sees_lock(&self, session: &mut dyn Session, name: &LockName) -> QueryResult<bool> {
        let sql = format!("SELECT {}", self.as_text(&self.lock_condition(name)));
        let seen = single(session, &sql)?;
        Ok(matches!(seen.as_deref(), Some("true" | "1")))
    }

    /// Who holds the lock.
    fn lock_holder(
        &self,
        session: &mut dyn Session,
        name: &LockName,
    ) -> QueryResult<Option<String>>;

    /// Releases the lock.
    fn unlock(&self, session: &mut dyn Session, name: &LockName) -> QueryResult<()>;

    /// A condition that holds while this session has the lock.
    fn lock_condition(&self, name: &LockName) -> String;

    /// An expression for the identity of this session, to find it later.
    fn session_id(&self) -> String;

    /// Whether a session that was recorded earlier still runs something, or any other session runs
    /// this statement: behind a pooler the recorded one need not be the one that ran it.
    fn session_is_alive(
        &self,
        session: &mut dyn Session,
        id: &str,
        statement: &str,
    ) -> QueryResult<bool>;

    /// An expression `now + n seconds`, comparable with [`now`](Backend::now).
    fn now_plus(&self, seconds: u64) -> String;

    /// Whether a script can change settings of its session without a statement that says so, by a
    /// function that it calls.
    fn session_changes_unseen(&self) -> bool {
        true
    }

    /// Reads what a script may change. `custom` are names of settings that the database does not
    /// list; see [`custom_settings`](migrate_core::statement::custom_settings).
    fn save_state(&self, session: &mut dyn Session, custom: &[String])
    -> QueryResult<SessionState>;

    /// Puts it back.
    fn restore_state(&self, session: &mut dyn Session, state: &SessionState) -> QueryResult<()>;

    /// Limits how long statements wait for locks and how long they run, for this session or, inside
    /// a transaction where that is possible, for the transaction.
    fn set_timeouts(
        &self,
        session: &mut dyn Session,
        lock: Option<Duration>,
        statement: Option<Duration>,
    ) -> QueryResult<()>;

    /// Whether a statement failed because it waited too long for a lock, or was chosen as the
    /// victim of a deadlock, so that nothing of it happened and it may be tried again.
    fn is_lock_timeout(&self, error: &DieselError) -> bool;

    /// Whether a statement failed for a reason that is not its own.
    fn obstacle(&self, error: &DieselError) -> Option<Obstacle>;

    /// Whether a statement failed because its name is not known, or is another's: to the server the
    /// statements of several clients are then those of one.
    fn mixes_up_statements(&self, _error: &DieselError) -> bool {
        false
    }

    /// Whether a statement failed because nothing can be written.
    fn is_read_only(&self, error: &DieselError) -> bool;

    /// Why that may be.
    fn why_read_only(&self) -> &'static str;

    /// The state of every object that a statement is about to change.
    fn fingerprint(
        &self,
        session: &mut dyn Session,
        change: &CatalogueChange,
    ) -> QueryResult<Vec<ObjectState>>;

    /// What the catalogue says about a statement that was begun at `before`.
    fn verdict(
        &self,
        session: &mut dyn Session,
        change: &CatalogueChange,
        before: &[ObjectState],
    ) -> QueryResult<Verdict>;

    /// Why a data change might not be undone by a rollback here, where that is so.
    fn data_outside_transactions(&self, _session: &mut dyn Session) -> QueryResult<Option<String>> {
        Ok(None)
    }
}

/// The types of the columns of our own tables.
#[derive(Debug)]
pub(crate) struct Types {
    pub(crate) version: &'static str,
    pub(crate) hash: &'static str,
    pub(crate) word: &'static str,
    pub(crate) text: &'static str,
    pub(crate) integer: &'static str,
    pub(crate) time: &'static str,
    /// What follows the closing parenthesis.
    pub(crate) table_options: &'static str,
}

/// The migration lock's name, in the forms that databases want.
#[derive(Clone, Debug)]
pub(crate) struct LockName {
    /// 64 bits, for advisory locks.
    pub(crate) key: i64,
    /// At most 64 characters, for named locks.
    pub(crate) name: String,
}

impl LockName {
    /// A name that holds the database *and* the schema, because `GET_LOCK` spans the server and
    /// advisory locks span the database.
    pub(crate) fn of(database: &str, table: &TableName) -> Self {
        let hash = migrate_core::Hasher::new()
            .part(b"migrate")
            .part(database.as_bytes())
            .part(table.schema.as_bytes())
            .part(table.name.as_bytes())
            .checksum();
        let mut first = [0; 8];
        first.copy_from_slice(&hash.as_bytes()[..8]);
        let hex: String = hash.to_string().chars().take(40).collect();
        LockName {
            key: i64::from_be_bytes(first),
            name: format!("migrate:{hex}"),
        }
    }
}

/// The backend of a dialect.
pub(crate) fn of(dialect: Dialect) -> Result<&'static dyn Backend, Error> {
    match dialect {
        Dialect::Postgres => Ok(&postgres::Postgres),
        Dialect::Mysql => Ok(&mysql::Mysql),
        Dialect::Sqlite => Ok(&sqlite::Sqlite),
        other => Err(ErrorKind::Engine(other.to_string()).into()),
    }
}

/// Whether an error says that the transaction may only read.
fn is_read_only_transaction(error: &DieselError) -> bool {
    matches!(
        error,
        DieselError::DatabaseError(DatabaseErrorKind::ReadOnlyTransaction, _)
    )
}

/// Whether a statement failed with one of these messages, or because it could not be serialised.
///
/// diesel hands on no error code, only the message. Where the server's messages are translated they
/// are not known, and what could be tried again is an ordinary failure.
fn says(error: &DieselError, messages: [&str; 2]) -> bool {
    use diesel::result::DatabaseErrorKind::SerializationFailure;
    match error {
        DieselError::DatabaseError(SerializationFailure, _) => true,
        DieselError::DatabaseError(_, information) => messages
            .iter()
            .any(|message| information.message().contains(message)),
        _ => false,
    }
}

/// The first column of the first row.
pub(crate) fn single(session: &mut dyn Session, sql: &str) -> QueryResult<Option<String>> {
    let rows = session.rows(sql)?;
    Ok(rows
        .into_iter()
        .next()
        .and_then(|row| row.into_iter().next())
        .flatten())
}

/// A list of literals for `IN (…)`, which must not be empty: nothing is equal to NULL.
pub(crate) fn literals<'a>(
    backend: &dyn Backend,
    texts: impl IntoIterator<Item = &'a str>,
) -> String {
    let literals: Vec<_> = texts.into_iter().map(|text| backend.text(text)).collect();
    match literals.as_slice() {
        [] => "NULL".to_owned(),
        some => some.join(", "),
    }
}

/// Per object: which of those that should have changed did.
///
/// `expected` says for an object whether the statement, had it run, must have changed it.
pub(crate) fn judge(
    before: &[ObjectState],
    now: &[ObjectState],
    expected: impl Fn(&ObjectState) -> bool,
) -> Verdict {
    if before.is_empty() || before.len() != now.len() {
        return Verdict::Unsure("the record of what was there before does not fit".to_owned());
    }
    let pairs = || before.iter().zip(now);
    let changed = pairs().filter(|(before, now)| before != now).count();
    let wanted = pairs().filter(|(before, _)| expected(before)).count();
    let missed = pairs()
        .filter(|(before, now)| expected(before) && before == now)
        .count();
    if changed == 0 {
        // Nothing is different: either it did not run, or running it again on the same state has
        // the same result.
        Verdict::NotDone
    } else if missed == 0 && wanted > 0 {
        Verdict::Done
    } else {
        Verdict::Unsure(format!(
            "of {wanted} objects that it changes, {} are different from before",
            wanted - missed
        ))
    }
}

/// Rows of schema and name.
fn table_names(rows: Vec<crate::database::Row>) -> Vec<TableName> {
    rows.into_iter()
        .filter_map(|row| {
            let mut row = row.into_iter();
            Some(TableName {
                schema: row.next()??,
                name: row.next()??,
            })
        })
        .collect()
}
