//! SQLite.
//!
//! The migration lock is the write transaction of each migration, so the session lock below is
//! always granted.

use std::time::Duration;

use diesel::QueryResult;
use diesel::result::Error as DieselError;
use migrate_core::Dialect;
use migrate_core::statement::CatalogueChange;

use super::{
    Backend, LockName, ObjectState, Server, SessionState, TableName, Types, Verdict, literals,
    own_runs, single,
};
use crate::error::Error;
use crate::obstacle::Obstacle;
use crate::session::Session;

pub(super) struct Sqlite;

/// Settings of a connection that scripts change. `journal_mode` is not among them: it belongs to
/// the database file.
const PRAGMAS: [&str; 8] = [
    "busy_timeout",
    "defer_foreign_keys",
    "foreign_keys",
    "ignore_check_constraints",
    "legacy_alter_table",
    "query_only",
    "recursive_triggers",
    "synchronous",
];

const ATTACHED: &str = "attached:";

/// The messages of SQLITE_PERM, _AUTH and _CANTOPEN; SQLITE_FULL.
const OBSTACLES: [(Obstacle, &[&str]); 2] = [
    (
        Obstacle::Rights,
        &[
            "access permission denied",
            "not authorized",
            "unable to open database file",
        ],
    ),
    (Obstacle::Space, &["database or disk is full"]),
];

/// What stands between a process and the number of its run.
const RUN: &str = " #";

impl Backend for Sqlite {
    fn identifier(&self, name: &str) -> String {
        Dialect::Sqlite.quote_identifier(name)
    }

    fn text(&self, text: &str) -> String {
        Dialect::Sqlite.quote_text(text)
    }

    fn inspect(&self, session: &mut dyn Session) -> Result<Server, Error> {
        let doing = "asking which database this is";
        // The bare pragmas: as tables they cost more than all else that a run with nothing to do asks.
        let databases = session
            .rows("PRAGMA database_list")
            .map_err(Error::database(doing))?;
        let file = databases.into_iter().find_map(|row| match row.as_slice() {
            [_, Some(name), file] if name == "main" => Some(file.clone()),
            _ => None,
        });
        let read_only = single(session, "PRAGMA query_only").map_err(Error::database(doing))?;
        Ok(Server {
            database: file.flatten().unwrap_or_default(),
            schema: String::new(),
            visible_schemas: vec![String::new()],
            user: String::new(),
            no_session_lock: None,
            read_only: (read_only.as_deref() == Some("1")).then_some("`PRAGMA query_only` is on"),
        })
    }

    fn existing(
        &self,
        session: &mut dyn Session,
        _schemas: &[String],
        names: &[&str],
    ) -> QueryResult<Vec<TableName>> {
        let rows = session.rows(&format!(
            "SELECT '', name FROM main.sqlite_master WHERE type = 'table' AND name IN ({})",
            literals(self, names.iter().copied())
        ))?;
        Ok(super::table_names(rows))
    }

    fn has_column(
        &self,
        session: &mut dyn Session,
        table: &TableName,
        column: &str,
    ) -> QueryResult<bool> {
        let rows = session.rows(&format!(
            "SELECT '1' FROM pragma_table_info({}) WHERE name = {}",
            self.text(&table.name),
            self.text(column)
        ))?;
        Ok(!rows.is_empty())
    }

    fn types(&self) -> &'static Types {
        &Types {
            version: "TEXT",
            hash: "TEXT",
            word: "TEXT",
            text: "TEXT",
            integer: "INTEGER",
            time: "TEXT",
            table_options: "",
        }
    }

    fn as_text(&self, expression: &str) -> String {
        format!("CAST({expression} AS TEXT)")
    }

    fn time_as_text(&self, column: &str) -> String {
        column.to_owned()
    }

    fn now(&self) -> &'static str {
        "CURRENT_TIMESTAMP"
    }

    fn now_plus(&self, seconds: u64) -> String {
        format!("datetime('now', '+{seconds} seconds')")
    }

    fn lock_is_transaction(&self) -> bool {
        true
    }

    fn forgives_missing_tables(&self) -> bool {
        // `sqlite_master` has no index: to look into it takes longer with every table.
        true
    }

    fn be_patient(&self, session: &mut dyn Session, wait: Duration) -> QueryResult<Option<String>> {
        // As a table, `pragma_busy_timeout` would have to read the schema first.
        let before = single(session, "PRAGMA busy_timeout")?;
        session.batch(&format!("PRAGMA busy_timeout = {}", wait.as_millis()))?;
        Ok(before.map(|before| format!("PRAGMA busy_timeout = {before}")))
    }

    fn try_lock(&self, _: &mut dyn Session, _: &LockName) -> QueryResult<bool> {
        Ok(true)
    }

    fn lock_holder(&self, _: &mut dyn Session, _: &LockName) -> QueryResult<Option<String>> {
        Ok(None)
    }

    fn unlock(&self, _: &mut dyn Session, _: &LockName) -> QueryResult<()> {
        Ok(())
    }

    fn lock_condition(&self, _: &LockName) -> String {
        "1".to_owned()
    }

    fn session_id(&self) -> String {
        self.text(&format!("{}{RUN}{}", this_process(), own_runs::current()))
    }

    fn session_is_alive(&self, _: &mut dyn Session, id: &str, _: &str) -> QueryResult<bool> {
        // A session is a run of a process here, and its work ends with it. Without /proc, or on
        // another host, nothing tells; then it is the word of whoever says `resume`.
        let (id, run) = id.rsplit_once(RUN).unwrap_or((id, ""));
        if id == this_process() {
            return Ok(run.parse().is_ok_and(own_runs::goes_on_elsewhere));
        }
        let number = id.split(' ').next().and_then(|number| number.parse().ok());
        Ok(number.is_some_and(|number| process(number).as_deref() == Some(id)))
    }

    fn session_changes_unseen(&self) -> bool {
        false
    }

    fn save_state(&self, session: &mut dyn Session, _: &[String]) -> QueryResult<SessionState> {
        let mut state = Vec::new();
        for pragma in PRAGMAS {
            let value = session.rows(&format!("PRAGMA {pragma}"))?;
            let value = value
                .into_iter()
                .next()
                .and_then(|row| row.into_iter().next())
                .flatten();
            state.push((pragma.to_owned(), value));
        }
        let attached = session.rows(
            "SELECT name FROM pragma_database_list WHERE name NOT IN ('main', 'temp') ORDER BY 1",
        )?;
        for name in attached
            .into_iter()
            .filter_map(|row| row.into_iter().next().flatten())
        {
            state.push((format!("{ATTACHED}{name}"), None));
        }
        Ok(SessionState {
            listed: state,
            ..SessionState::default()
        })
    }

    fn restore_state(&self, session: &mut dyn Session, state: &SessionState) -> QueryResult<()> {
        let now = self.save_state(session, &[])?;
        for (name, new) in &now.listed {
            let old = state.listed.iter().find(|(key, _)| key == name);
            match (old, name.strip_prefix(ATTACHED)) {
                // Inside a transaction it is in use; outside, this is called again.
                (None, Some(attached)) if !session.in_transaction() => {
                    session.batch(&format!("DETACH DATABASE {}", self.identifier(attached)))?;
                }
                (Some((_, Some(old))), None) if Some(old) != new.as_ref() => {
                    session.batch(&format!("PRAGMA {name} = {old}"))?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn set_timeouts(
        &self,
        session: &mut dyn Session,
        lock: Option<Duration>,
        _statement: Option<Duration>,
    ) -> QueryResult<()> {
        match lock {
            None => Ok(()),
            Some(lock) => session.batch(&format!("PRAGMA busy_timeout = {}", lock.as_millis())),
        }
    }

    fn is_lock_timeout(&self, error: &DieselError) -> bool {
        match error {
            DieselError::DatabaseError(_, information) => {
                let message = information.message();
                message.contains("database is locked") || message.contains("table is locked")
            }
            DieselError::RollbackErrorOnCommit { commit_error, .. } => {
                self.is_lock_timeout(commit_error)
            }
            _ => false,
        }
    }

    fn obstacle(&self, error: &DieselError) -> Option<Obstacle> {
        Obstacle::of(error, &OBSTACLES)
    }

    fn is_read_only(&self, error: &DieselError) -> bool {
        matches!(error, DieselError::DatabaseError(_, information)
            if information.message().contains("readonly database"))
    }

    fn why_read_only(&self) -> &'static str {
        "the file cannot be written, or was opened for reading only"
    }

    fn fingerprint(
        &self,
        _: &mut dyn Session,
        _: &CatalogueChange,
    ) -> QueryResult<Vec<ObjectState>> {
        // All DDL commits together with its record here, so nothing is ever looked up.
        Ok(Vec::new())
    }

    fn verdict(
        &self,
        _: &mut dyn Session,
        _: &CatalogueChange,
        _: &[ObjectState],
    ) -> QueryResult<Verdict> {
        Ok(Verdict::Unsure("SQLite keeps no trace of it".to_owned()))
    }
}

/// This process as [`process`] tells it, or its number alone.
fn this_process() -> String {
    let number = std::process::id();
    process(number).unwrap_or_else(|| number.to_string())
}

/// A running process: its number, when it began (in ticks since the system's start, so that a
/// number that is used again is another process) and the host. `None` where it does not run, or
/// where the system does not tell.
fn process(number: u32) -> Option<String> {
    let stat = std::fs::read_to_string(format!("/proc/{number}/stat")).ok()?;
    // The second field is the program's name in parentheses and may hold anything; the start time
    // is the 20th field after it (proc(5): field 22).
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_whitespace();
    // One that has ended and is not yet reaped by its parent does nothing any more.
    fields.next().filter(|state| !matches!(*state, "Z" | "X"))?;
    let begun = fields.nth(18)?;
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    Some(format!("{number} {begun} {}", host.trim()))
}
