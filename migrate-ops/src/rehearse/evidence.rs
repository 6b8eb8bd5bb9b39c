//! What is known after a rehearsal.

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
    /// Migrations without a way down, or with one among those after them: they were only applied.
    pub only_up: Vec<OnlyUp>,
    /// The tables of the copy before the first statement, as large as they were then: what is
    /// measured is scaled by them.
    pub tables: Vec<TableSize>,
    /// The script that hid personal data before anything else read the copy.
    pub masked_by: Option<String>,
    /// Whether the copy was kept.
    pub kept: bool,
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
        parts.join("; ")
    }
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
    /// The locks on tables and indexes that were there before the transaction, which the statement
    /// was the first to take and which are held until COMMIT; `None` where they are over when the
    /// statement is, or the database does not tell.
    pub locks: Option<Vec<LockEvidence>>,
}

/// A lock that others may have to wait for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct LockEvidence {
    /// The table or index.
    pub object: String,
    /// The mode as the server's documentation has it: `ACCESS EXCLUSIVE`.
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
