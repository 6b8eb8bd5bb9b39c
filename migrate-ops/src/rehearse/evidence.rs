//! What is known after a rehearsal.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::forecast::TableSize;

/// What is known after a rehearsal. It holds no values of rows and no password.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RehearsalEvidence {
    /// When it began (RFC 3339, UTC).
    pub started: String,
    /// When it ended (RFC 3339, UTC).
    pub finished: String,
    /// How long all of it took.
    pub duration_seconds: f64,
    /// The database that the migrations are for, without its password.
    pub database: String,
    /// Where it was held.
    pub place: PlaceEvidence,
    /// What the copy was a copy of.
    pub copy_of: CopyOf,
    /// What came of it.
    pub verdict: Verdict,
    /// Why it did not pass, or passed in part only; a sentence each, without a final period.
    pub reasons: Vec<String>,
    /// The first way up, which is the one to measure by.
    pub up: Option<Pass>,
    /// The way down; `None` where there is none, or the way up failed.
    pub down: Option<Pass>,
    /// The second way up.
    pub again: Option<Pass>,
    /// Whether the schema was the same after the way down.
    pub schema: SchemaState,
    /// Whether the data were the same after the way down.
    pub data: DataState,
    /// What the way down does with rows that only the new schema allows.
    pub new_rows: NewRowsState,
    /// Migrations without a way down, or with one among those after them: they were only applied.
    pub only_up: Vec<OnlyUp>,
    /// The tables of the copy before the first statement, as large as they were then: what is
    /// measured is scaled by them.
    pub tables: Vec<TableSize>,
    /// The script that hid personal data before anything else read the copy.
    pub masked_by: Option<String>,
    /// Whether the copy was kept.
    pub kept: bool,
    /// Where the private copy is that was kept, as it was asked for.
    pub kept_copy: Option<KeptCopy>,
    /// What a reader has to know, a sentence each, without a final period.
    pub notes: Vec<String>,
}

impl RehearsalEvidence {
    /// The name of this evidence in a run's folder.
    pub const EVIDENCE: &'static str = "rehearse";

    /// What matters of it, in one line.
    pub fn summary(&self) -> String {
        let verdict = match self.verdict {
            Verdict::Passed => "passed",
            Verdict::Partly => "passed in part",
            Verdict::Failed => "failed",
        };
        let mut parts = vec![verdict.to_owned()];
        let ways = [("up", &self.up), ("down", &self.down), ("up", &self.again)];
        let times: Vec<String> = ways
            .into_iter()
            .filter_map(|(name, pass)| {
                let pass = pass.as_ref()?;
                let failed = if pass.failure.is_some() {
                    " failed"
                } else {
                    ""
                };
                Some(format!("{name} {:.1} s{failed}", pass.duration_seconds))
            })
            .collect();
        if !times.is_empty() {
            parts.push(times.join(", "));
        }
        parts.push(
            match &self.copy_of {
                CopyOf::Empty { .. } => "on an empty copy, private server",
                CopyOf::Backup { .. } => "on the restored backup, private server",
                CopyOf::Staging => "on the staging database",
            }
            .to_owned(),
        );
        match (&self.schema, &self.data) {
            (SchemaState::Equal, DataState::Equal { .. }) => {
                parts.push("down brings back schema and data".to_owned());
            }
            (SchemaState::Equal, DataState::EqualAsFarAsComparable { .. }) => {
                parts.push(
                    "down brings back the schema, and the data as far as comparable".to_owned(),
                );
            }
            _ => {}
        }
        if matches!(self.new_rows, NewRowsState::DownFails { .. }) {
            parts.push("down fails once rows of the new schema exist".to_owned());
        }
        parts.join("; ")
    }
}

/// A private copy that was kept, with its server, which goes on running.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptCopy {
    /// The folder of its server, which only its owner and root can enter.
    pub folder: String,
    /// The file in it that holds its URL, with the password.
    pub url_file: String,
    /// The command that removes all of it.
    pub remove: String,
}

/// Where a rehearsal was held.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PlaceEvidence {
    /// Whether only this rehearsal used the server.
    pub private: bool,
    /// The database, without its password.
    pub database: String,
    /// What the server says its version is.
    pub server: String,
    /// The settings that a private server was started with. It does not wait for the disk, so what
    /// is measured on it is too short for a server that does.
    pub settings: Vec<(String, String)>,
}

/// What a copy was a copy of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum CopyOf {
    /// Of the schema alone, without data: what is applied was applied to an empty database.
    Empty {
        /// How many migrations that were.
        applied: usize,
    },
    /// Of the database as a backup has it.
    Backup {
        /// The backup's id.
        id: String,
        /// How long restoring it took.
        restore_seconds: f64,
    },
    /// Whatever the staging database held.
    Staging,
}

/// What came of a rehearsal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Up, down and up went well, and everything was compared and equal.
    Passed,
    /// Nothing failed, and something could not be tried or compared.
    Partly,
    /// A script failed, or the way down does not bring back what was there.
    Failed,
}

/// One way, up or down.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Pass {
    /// How long it took.
    pub duration_seconds: f64,
    /// The migrations in the order in which they ran; the last one failed where `failure` says so.
    pub migrations: Vec<RehearsedMigration>,
    /// Why it failed. Quoted values are left out.
    pub failure: Option<String>,
    /// The rows that were written, by table, those of tables that are gone left out; `None` where the
    /// database does not tell.
    pub rows: Option<Vec<RowsWritten>>,
}

impl Pass {
    /// Takes over the locks of statements that another time was looked at.
    pub(super) fn take_locks_of(&mut self, other: &Pass) {
        for migration in &mut self.migrations {
            let mut others = other.migrations.iter();
            let Some(other) = others.find(|it| it.version == migration.version) else {
                continue;
            };
            for statement in &mut migration.statements {
                let mut others = other.statements.iter();
                let seen = others.find(|it| it.index == statement.index);
                if statement.locks.is_none() {
                    statement.locks = seen.and_then(|it| it.locks.clone());
                }
            }
        }
    }
}

impl RowsWritten {
    /// Whether anything was.
    pub(super) fn is_something(&self) -> bool {
        self.inserted + self.updated + self.deleted > 0
    }
}

/// Rows that were written in a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowsWritten {
    /// The table.
    pub table: String,
    /// How many were inserted.
    pub inserted: u64,
    /// How many were updated.
    pub updated: u64,
    /// How many were deleted.
    pub deleted: u64,
}

/// A migration on one way.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RehearsedMigration {
    /// The version.
    pub version: String,
    /// The name.
    pub name: String,
    /// `up` or `down`.
    pub direction: String,
    /// Whether its statements share one transaction.
    pub transaction: bool,
    /// How long it took; `None` where it failed.
    pub duration_seconds: Option<f64>,
    /// Its statements.
    pub statements: Vec<RehearsedStatement>,
    /// Tables that were there before and were written anew as a whole, files and all; `None` where
    /// the database does not tell.
    pub rewritten: Option<Vec<String>>,
}

/// A statement of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RehearsedStatement {
    /// Which, from 0.
    pub index: usize,
    /// The line of the script that it begins in, from 1.
    pub line: usize,
    /// Its text, without values of rows and passwords.
    pub sql: String,
    /// How long it took; `None` where it failed.
    pub duration_seconds: Option<f64>,
    /// The locks on tables and indexes that were there before, which the statement was the first to
    /// take. On PostgreSQL and SQLite they are held until COMMIT, and `None` where they are over when
    /// the statement is. On MariaDB they are those that it was seen to hold or to wait for while it
    /// ran the second time, on a server of the rehearsal's own; a definition lets go of them at its
    /// end. The server tells a lock that it makes stronger by the mode in which it was taken first,
    /// and by that for which it has to wait. `None` also where the database does not tell.
    pub locks: Option<Vec<LockEvidence>>,
}

/// A lock that others may have to wait for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct LockEvidence {
    /// The table or index; on SQLite the whole file.
    pub object: String,
    /// The mode as the server's documentation has it: `ACCESS EXCLUSIVE`, MariaDB's `SHARED WRITE`,
    /// SQLite's `RESERVED`.
    pub mode: String,
}

/// Whether the schema was the same after the way down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
#[non_exhaustive]
pub enum SchemaState {
    /// It was compared, and was.
    Equal,
    /// It was not.
    Differs {
        /// What differs, one object or part a line.
        differences: Vec<String>,
    },
    /// It was not compared.
    NotChecked {
        /// Why.
        why: String,
    },
}

/// Whether the data were the same after the way down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
#[non_exhaustive]
pub enum DataState {
    /// Every table was compared, and was.
    Equal {
        /// How many tables were compared.
        tables: usize,
        /// How many rows they have.
        rows: u64,
    },
    /// All that can be compared was the same.
    EqualAsFarAsComparable {
        /// How many tables were compared.
        tables: usize,
        /// How many rows they have.
        rows: u64,
        /// What cannot be.
        not_comparable: Vec<NotComparable>,
    },
    /// Something was not.
    Differs {
        /// What differs, a table a line.
        differences: Vec<String>,
        /// What cannot be compared.
        not_comparable: Vec<NotComparable>,
    },
    /// Nothing was compared.
    NotChecked {
        /// Why.
        why: String,
    },
}

/// What the way down does with rows that only the new schema allows: those that are written between
/// the way up and a rollback.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
#[non_exhaustive]
pub enum NewRowsState {
    /// The new schema is not known to allow any that the old one does not.
    Nothing,
    /// They were there, and the way down worked.
    Reverted {
        /// The rows.
        rows: Vec<NewRow>,
        /// How long it took.
        duration_seconds: f64,
    },
    /// They were there, and the way down failed.
    DownFails {
        /// The rows that may be why; those that have nothing to do with the statement that failed
        /// are left out, as far as that is known.
        rows: Vec<NewRow>,
        /// Why it failed. Quoted values are left out.
        failure: String,
    },
    /// It was not tried.
    NotTried {
        /// Why.
        why: String,
        /// The rows.
        rows: Vec<NewRow>,
    },
}

impl NewRowsState {
    /// The risk for a rollback, as a sentence; `None` where the way down works.
    pub fn risk(&self) -> Option<String> {
        match self {
            NewRowsState::DownFails { rows, failure } => Some(format!(
                "the way down fails once rows of the new schema exist ({}): {failure}",
                listed(rows.iter())
            )),
            NewRowsState::NotTried { why, rows } if !rows.is_empty() => Some(format!(
                "the way down was not tried with rows of the new schema ({}): {why}",
                listed(rows.iter())
            )),
            NewRowsState::Reverted { rows, .. } => {
                let untried: Vec<&NewRow> =
                    rows.iter().filter(|it| it.not_made.is_some()).collect();
                let why = untried.first()?.not_made.as_deref().unwrap_or_default();
                Some(format!(
                    "the way down was not tried with all rows of the new schema ({}): {why}",
                    listed(untried.into_iter())
                ))
            }
            NewRowsState::Nothing | NewRowsState::NotTried { .. } => None,
        }
    }
}

fn listed<'a>(rows: impl Iterator<Item = &'a NewRow>) -> String {
    let rows: Vec<String> = rows.map(ToString::to_string).collect();
    rows.join(", ")
}

/// A row that only the new schema allows. Its values are made up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewRow {
    /// Its table.
    pub table: String,
    /// What the old schema refused.
    pub kind: NewRowKind,
    /// The columns that it is about; for a CHECK its name.
    pub columns: Vec<String>,
    /// Why it could not be made; `None` where it was.
    pub not_made: Option<String>,
}

impl fmt::Display for NewRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let NewRow { table, columns, .. } = self;
        write!(f, "{} {table}.{}", self.kind.words(), columns.join("+"))
    }
}

/// What the old schema refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum NewRowKind {
    /// NULL, in a column that became nullable.
    Null,
    /// A text longer than the old type.
    LongerText,
    /// A number larger than the old type.
    LargerNumber,
    /// A value that the enum did not have.
    EnumValue,
    /// A key twice, where a unique key went.
    Duplicate,
    /// A row without its parent, where a foreign key went.
    Orphan,
    /// A row that a CHECK refused that went or changed.
    Check,
}

impl NewRowKind {
    /// In words, before the table: "NULL in".
    pub const fn words(self) -> &'static str {
        match self {
            NewRowKind::Null => "NULL in",
            NewRowKind::LongerText => "a longer text in",
            NewRowKind::LargerNumber => "a larger number in",
            NewRowKind::EnumValue => "a new enum value in",
            NewRowKind::Duplicate => "a key twice in",
            NewRowKind::Orphan => "no parent for",
            NewRowKind::Check => "what was refused by",
        }
    }
}

/// Something that two runs never make alike, and that differed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotComparable {
    /// The table.
    pub table: String,
    /// Its columns, with the reason for each.
    pub columns: Vec<(String, String)>,
}

/// A migration that was only applied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OnlyUp {
    /// The version.
    pub version: String,
    /// The name.
    pub name: String,
    /// Why.
    pub why: String,
}
