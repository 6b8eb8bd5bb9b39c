//! The history table, its companions, and every statement that reads or writes them.
//!
//! Three tables: one row an applied migration; one row a statement for scripts that are not one
//! transaction; one head record. They are always addressed with their schema, and every write
//! carries the condition that the migration lock is still ours.

use migrate_core::history::{AppliedMigration, Head, History, State};
use migrate_core::{Checksum, Direction, Version};

use crate::backend::{Backend, TableName};
use crate::database::Row;
use crate::error::{Error, ErrorKind};
use crate::migration_lock::Guard;
use crate::session::{Session, in_transaction};

mod statements;

pub(crate) use statements::{fingerprint_states, fingerprint_text};

/// What is recorded as the tool that applied a migration.
pub(crate) const TOOL: &str = concat!("migrate ", env!("CARGO_PKG_VERSION"));

/// The tables of one history.
pub(crate) struct HistoryTable {
    backend: &'static dyn Backend,
    name: TableName,
    /// The table itself, quoted and with its schema.
    history: String,
    /// The table of the head record, likewise.
    head: String,
    guard: Guard,
}

/// A row to write.
pub(crate) struct NewRow<'a> {
    pub(crate) version: &'a Version,
    pub(crate) name: &'a str,
    pub(crate) checksum: Checksum,
    /// Its place in the sequence of application.
    pub(crate) sequence: i64,
    pub(crate) state: State,
    pub(crate) user: &'a str,
    /// How it came here where it was not simply applied.
    pub(crate) how: Option<&'a str>,
}

impl HistoryTable {
    pub(crate) fn new(backend: &'static dyn Backend, name: TableName) -> Self {
        let mut table = HistoryTable {
            backend,
            name,
            history: String::new(),
            head: String::new(),
            guard: Guard::default(),
        };
        // Both stand in every write.
        table.history = table.qualified(&table.name.name);
        table.head = table.qualified(&table.head_name());
        table
    }

    /// From now on writes assert that the migration lock is ours.
    pub(crate) fn guard(&mut self, guard: Guard) {
        self.guard = guard;
    }

    /// Whether the migration lock is a lease.
    pub(crate) fn is_leased(&self) -> bool {
        self.guard.touch.is_some()
    }

    fn condition(&self) -> &str {
        self.guard.condition.as_deref().unwrap_or("1 = 1")
    }

    pub(crate) fn name(&self) -> &TableName {
        &self.name
    }

    fn statements(&self) -> String {
        format!("{}_statements", self.name.name)
    }

    fn head_name(&self) -> String {
        format!("{}_head", self.name.name)
    }

    fn qualified(&self, table: &str) -> String {
        qualified(self.backend, &self.name.schema, table)
    }

    /// The history table itself, quoted.
    pub(crate) fn qualified_name(&self) -> &str {
        &self.history
    }

    /// The table as messages name it.
    pub(crate) fn shown(&self) -> String {
        match self.name.schema.as_str() {
            "" => self.name.name.clone(),
            schema => format!("{schema}.{}", self.name.name),
        }
    }

    /// The tables are not what they should be; the problem follows on the table's name.
    pub(crate) fn broken(&self, problem: impl Into<String>) -> Error {
        ErrorKind::History {
            table: self.shown(),
            problem: problem.into(),
        }
        .into()
    }

    /// A row cannot be read.
    fn strange(&self, what: impl std::fmt::Display) -> Error {
        self.broken(format!(
            "holds {what}; it was changed by hand, or by a newer version of migrate: put it right, \
             or restore the table from a backup"
        ))
    }

    /// Whether the tables are there. The history itself is made last, so where it is missing, the
    /// others are being made right now, or a run died while making them.
    pub(crate) fn exists(&self, session: &mut dyn Session) -> Result<bool, Error> {
        let (statements, head) = (self.statements(), self.head_name());
        let names = [self.name.name.as_str(), &statements, &head];
        let schema = std::slice::from_ref(&self.name.schema);
        let look = |session: &mut dyn Session| {
            let found = self.backend.existing(session, schema, &names);
            found.map_err(Error::database("looking for the history table"))
        };
        let found = look(session)?;
        let has = |name: &str| found.iter().any(|table| table.name == name);
        if found.len() == 3 || found.is_empty() {
            return Ok(!found.is_empty());
        }
        let lost = has(&head) && self.head_counts(session)?;
        if !has(&self.name.name) && !lost {
            return Ok(false);
        }
        // Another run may have made the rest between the two looks.
        let found = look(session)?;
        if found.len() == 3 {
            return Ok(true);
        }
        let lost: Vec<&str> = names
            .into_iter()
            .filter(|name| !found.iter().any(|table| table.name == *name))
            .collect();
        Err(self.broken(if lost.contains(&self.name.name.as_str()) {
            format!(
                "is gone, and {head} says that migrations are applied; restore it from a backup"
            )
        } else {
            format!(
                "has lost what belongs to it ({}); restore that from a backup, or set \
                 `history_table` if this table is somebody else's",
                lost.join(", ")
            )
        }))
    }

    /// Refuses where the tables are still not there after they were made: IF NOT EXISTS is content
    /// with a view or a sequence of that name.
    pub(crate) fn refuse_taken_name(&self, session: &mut dyn Session) -> Result<(), Error> {
        if self.exists(session)? {
            return Ok(());
        }
        Err(self.broken(
            "cannot be made: something that is no table of migrate's has that name; set \
             `history_table` to another",
        ))
    }

    /// Whether the head record says that there is a history.
    fn head_counts(&self, session: &mut dyn Session) -> Result<bool, Error> {
        let sql = format!("SELECT '1' FROM {} WHERE applied > 0", self.head);
        let rows = session
            .rows(&sql)
            .map_err(Error::database("reading the head of the history"))?;
        Ok(!rows.is_empty())
    }

    /// The SQL that makes the tables, the history itself last.
    pub(crate) fn create_sql(&self) -> Vec<String> {
        let t = self.backend.types();
        let options = t.table_options;
        let (history, statements, head) = (
            &self.history,
            self.qualified(&self.statements()),
            &self.head,
        );
        vec![
            format!(
                "CREATE TABLE IF NOT EXISTS {statements} (\
                 version {} NOT NULL, direction {word} NOT NULL, statement {} NOT NULL, \
                 checksum {} NOT NULL, state {word} NOT NULL, session_id {text} NOT NULL, \
                 fingerprint {text} NULL, started_at {time} NOT NULL, finished_at {time} NULL, \
                 PRIMARY KEY (version, direction, statement)){options}",
                t.version,
                t.integer,
                t.hash,
                word = t.word,
                text = t.text,
                time = t.time
            ),
            format!(
                "CREATE TABLE IF NOT EXISTS {head} (\
                 id {int} NOT NULL PRIMARY KEY, applied {int} NOT NULL, digest {} NULL){options}",
                t.hash,
                int = t.integer
            ),
            format!(
                "INSERT INTO {head} (id, applied, digest) SELECT 1, 0, {}{} \
                 WHERE NOT EXISTS (SELECT 1 FROM {head} WHERE id = 1)",
                self.backend
                    .text(&migrate_core::head_digest([]).to_string()),
                self.backend.no_table(),
            ),
            format!(
                "CREATE TABLE IF NOT EXISTS {history} (\
                 version {} NOT NULL PRIMARY KEY, name {} NOT NULL, checksum {} NOT NULL, \
                 sequence {} NOT NULL, state {} NOT NULL, started_at {time} NOT NULL, \
                 finished_at {time} NULL, applied_by {text} NOT NULL, tool {text} NOT NULL, \
                 error {text} NULL){options}",
                t.version,
                t.text,
                t.hash,
                t.integer,
                t.word,
                time = t.time,
                text = t.text
            ),
        ]
    }

    /// A statement that takes the write lock on the history and changes nothing. It touches one row
    /// if the history is still as `known`; what is not finished has no digest, and then nothing
    /// tells.
    pub(crate) fn claim_sql(&self, known: Head) -> String {
        let head = &self.head;
        let Some(digest) = known.digest else {
            return format!("DELETE FROM {head} WHERE 1 = 0");
        };
        format!(
            "UPDATE {head} SET applied = applied WHERE id = 1 AND applied = {count} AND digest = {} \
             AND (SELECT COUNT(*) FROM {}) = {count}",
            self.backend.text(&digest.to_string()),
            self.history,
            count = known.count,
        )
    }

    /// What the head record says, where the number of rows agrees with it.
    pub(crate) fn read_head(&self, session: &mut dyn Session) -> Result<Option<Head>, Error> {
        let head = self.head_and_count(session)?;
        Ok(head
            .filter(|(head, count)| head.count == *count)
            .map(|(head, _)| head))
    }

    /// Refuses a history with fewer rows than were recorded: what they stood for would be applied
    /// again. More rows, or a head that cannot be read, are harmless; the rows are what counts.
    pub(crate) fn refuse_lost_rows(&self, session: &mut dyn Session) -> Result<(), Error> {
        match self.head_and_count(session)? {
            Some((head, count)) if head.count > count => Err(self.broken(format!(
                "has {count} row{}, but {} were recorded: rows were removed by hand, or this user \
                 may not see them; put them back, or set `applied` to {count} in {} to have their \
                 migrations applied again",
                if count == 1 { "" } else { "s" },
                head.count,
                self.head_name(),
            ))),
            _ => Ok(()),
        }
    }

    /// The head record and the number of rows at the same moment.
    fn head_and_count(&self, session: &mut dyn Session) -> Result<Option<(Head, usize)>, Error> {
        let rows = session
            .rows(&format!(
                "SELECT {}, digest, {} FROM {} WHERE id = 1",
                self.backend.as_text("applied"),
                self.backend
                    .as_text(&format!("(SELECT COUNT(*) FROM {})", self.history)),
                self.head,
            ))
            .map_err(Error::database("reading the head of the history"))?;
        let Some(row) = rows.into_iter().next() else {
            return Ok(None);
        };
        let [Some(applied), digest, Some(count)] = row.as_slice() else {
            return Ok(None);
        };
        let (Ok(applied), Ok(count)) = (applied.parse(), count.parse()) else {
            return Ok(None);
        };
        let head = Head {
            count: applied,
            digest: digest.as_deref().and_then(Checksum::from_hex),
        };
        Ok(Some((head, count)))
    }

    /// Everything.
    pub(crate) fn read(&self, session: &mut dyn Session) -> Result<History, Error> {
        let backend = self.backend;
        let rows = session
            .rows(&format!(
                "SELECT version, name, checksum, {}, state, {}, {}, applied_by, tool, error FROM {}",
                backend.as_text("sequence"),
                backend.time_as_text("started_at"),
                backend.time_as_text("finished_at"),
                self.history
            ))
            .map_err(Error::database("reading the history"))?;
        let mut applied = rows
            .into_iter()
            .map(|row| self.migration(row))
            .collect::<Result<Vec<_>, _>>()?;
        applied.sort_by(|a, b| a.version.cmp(&b.version));
        if let Some(pair) = applied
            .windows(2)
            .find(|pair| pair[0].version == pair[1].version)
        {
            let (one, other) = (&pair[0].version, &pair[1].version);
            return Err(self.strange(format!("one version twice, as {one} and {other}")));
        }
        let statements = self.read_statements(session)?;
        Ok(History {
            applied,
            statements,
        })
    }

    fn migration(&self, row: Row) -> Result<AppliedMigration, Error> {
        let mut columns = row.into_iter();
        let mut next = || columns.next().flatten();
        let mut required =
            |what: &str| next().ok_or_else(|| self.strange(format!("a row without {what}")));
        let version = required("a version")?;
        let version = Version::parse(&version)
            .map_err(|_| self.strange(format!("the version {version:?}, which is none")))?;
        let name = required("a name")?;
        let checksum = required("a checksum")?;
        let sequence = required("a sequence")?;
        let state = required("a state")?;
        let started_at = required("a start")?;
        let finished_at = next();
        let (applied_by, tool, error) = (next(), next(), next());
        Ok(AppliedMigration {
            checksum: Checksum::from_hex(&checksum).ok_or_else(|| {
                self.strange(format!("the checksum {checksum:?} of version {version}"))
            })?,
            sequence: sequence.parse().map_err(|_| {
                self.strange(format!("the sequence {sequence:?} of version {version}"))
            })?,
            state: state_of(&state)
                .ok_or_else(|| self.strange(format!("the state {state:?} of version {version}")))?,
            version,
            name,
            started_at,
            finished_at,
            applied_by: applied_by.unwrap_or_default(),
            tool: tool.unwrap_or_default(),
            error,
        })
    }

    /// Sends a guarded write, which must touch exactly one row: otherwise the lock is not ours.
    fn write(&self, session: &mut dyn Session, sql: &str, doing: &str) -> Result<(), Error> {
        let one = |session: &mut dyn Session, sql: &str| match session
            .execute(sql)
            .map_err(Error::database("writing the history"))?
        {
            1 => Ok(()),
            _ => Err(ErrorKind::LockLost {
                doing: doing.to_owned(),
            }
            .into()),
        };
        match &self.guard.touch {
            None => one(session, sql),
            Some(touch) => in_transaction(session, |session| {
                one(session, touch)?;
                one(session, sql)
            }),
        }
    }

    /// Adds a migration.
    pub(crate) fn insert(&self, session: &mut dyn Session, row: &NewRow<'_>) -> Result<(), Error> {
        let b = self.backend;
        let history = &self.history;
        let tool = match row.how {
            Some(how) => format!("{TOOL} ({how})"),
            None => TOOL.to_owned(),
        };
        let finished = if row.state == State::Applied {
            b.now()
        } else {
            "NULL"
        };
        let where_ours = match &self.guard.condition {
            Some(condition) => format!("{} WHERE {condition}", b.no_table()),
            None => String::new(),
        };
        let sql = format!(
            "INSERT INTO {history} (version, name, checksum, sequence, state, started_at, \
             finished_at, applied_by, tool) \
             SELECT {}, {}, {}, {}, {}, {now}, {finished}, {}, {}{where_ours}",
            b.text(row.version.as_str()),
            b.text(row.name),
            b.text(&row.checksum.to_string()),
            row.sequence,
            b.text(state_name(row.state)),
            b.text(row.user),
            b.text(&tool),
            now = b.now(),
        );
        self.write(session, &sql, "recording a migration")
    }

    /// Changes the state of a migration.
    pub(crate) fn set_state(
        &self,
        session: &mut dyn Session,
        version: &Version,
        state: State,
        checksum: Option<Checksum>,
        error: Option<&str>,
    ) -> Result<(), Error> {
        let b = self.backend;
        let finished = match state {
            State::Applied => b.now(),
            State::Running(Direction::Up) | State::Failed(Direction::Up) => "NULL",
            // It was applied then, and until its row is gone it may be said to be applied still.
            State::Running(Direction::Down) | State::Failed(Direction::Down) => "finished_at",
        };
        let checksum = checksum
            .map(|checksum| format!(", checksum = {}", b.text(&checksum.to_string())))
            .unwrap_or_default();
        let sql = format!(
            "UPDATE {} SET state = {}, finished_at = {finished}, error = {}{checksum} \
             WHERE version = {} AND {}",
            self.history,
            b.text(state_name(state)),
            error.map_or_else(|| "NULL".to_owned(), |error| b.text(error)),
            b.text(version.as_str()),
            self.condition()
        );
        self.write(session, &sql, "recording the state of a migration")
    }

    /// Records that a migration whose revert was begun is applied as before.
    pub(crate) fn set_still_applied(
        &self,
        session: &mut dyn Session,
        version: &Version,
    ) -> Result<(), Error> {
        let sql = format!(
            "UPDATE {} SET state = {}, error = NULL WHERE version = {} AND {}",
            self.history,
            self.backend.text(state_name(State::Applied)),
            self.backend.text(version.as_str()),
            self.condition()
        );
        self.write(session, &sql, "recording the state of a migration")?;
        self.forget_statements(session, version)
    }

    /// Removes a reverted migration and the records of its statements.
    pub(crate) fn delete(&self, session: &mut dyn Session, version: &Version) -> Result<(), Error> {
        let sql = format!(
            "DELETE FROM {} WHERE version = {} AND {}",
            self.history,
            self.backend.text(version.as_str()),
            self.condition()
        );
        self.write(session, &sql, "recording that a migration was reverted")?;
        self.forget_statements(session, version)
    }

    /// Rewrites the head record.
    pub(crate) fn set_head(&self, session: &mut dyn Session, head: Head) -> Result<(), Error> {
        session
            .batch(&format!(
                "UPDATE {} SET applied = {}, digest = {} WHERE id = 1",
                self.head,
                head.count,
                match head.digest {
                    Some(digest) => self.backend.text(&digest.to_string()),
                    None => "NULL".to_owned(),
                }
            ))
            .map_err(Error::database("writing the history"))
    }
}

/// A table's name with its schema, quoted.
pub(crate) fn qualified(backend: &dyn Backend, schema: &str, table: &str) -> String {
    match schema {
        "" => format!("main.{}", backend.identifier(table)),
        schema => format!(
            "{}.{}",
            backend.identifier(schema),
            backend.identifier(table)
        ),
    }
}

fn state_name(state: State) -> &'static str {
    match state {
        State::Applied => "applied",
        State::Running(Direction::Up) => "up running",
        State::Running(Direction::Down) => "down running",
        State::Failed(Direction::Up) => "up failed",
        State::Failed(Direction::Down) => "down failed",
    }
}

fn state_of(name: &str) -> Option<State> {
    let running = [Direction::Up, Direction::Down].map(State::Running);
    let failed = [Direction::Up, Direction::Down].map(State::Failed);
    [State::Applied]
        .into_iter()
        .chain(running)
        .chain(failed)
        .find(|s| state_name(*s) == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn state_names_are_read_back() {
        for state in [
            State::Applied,
            State::Running(Direction::Up),
            State::Running(Direction::Down),
            State::Failed(Direction::Up),
            State::Failed(Direction::Down),
        ] {
            assert_eq!(state_of(state_name(state)), Some(state));
        }
        assert_eq!(state_of("done"), None);
    }
}
