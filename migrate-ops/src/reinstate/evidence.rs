//! What came of it, as plain data, and how far it is while it goes on.

use serde::{Deserialize, Serialize};

use crate::backup::BackupId;

/// The name under which the evidence is kept in the run's state.
pub const EVIDENCE: &str = "restore";

/// A backup that is put in the place of its database. It holds no values of rows and no password.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reinstatement {
    /// The database, without password.
    pub database: String,
    /// The backup.
    pub backup: BackupId,
    /// The folder of the backup.
    pub backup_folder: String,
    /// The moment that it shows, about: when making it began (RFC 3339, UTC).
    pub backup_made: String,
    /// When it began (RFC 3339, UTC).
    pub started: String,
    /// When it ended; `None` where it has not.
    pub finished: Option<String>,
    /// How far it is, or was when it ended.
    pub stage: Stage,
    /// How it ended.
    pub outcome: Outcome,
    /// Why it was refused or failed, as one sentence.
    pub reason: Option<String>,
    /// What kept writers away.
    pub fence: Option<Fence>,
    /// Whether anybody else wrote since the backup.
    pub writers: Writers,
    /// The backup whose later writes somebody was ready to lose.
    pub lose_writes_since: Option<BackupId>,
    /// The database or file that the backup is restored into before the two change names.
    pub beside: String,
    /// The database or file that the old contents are kept under, once the names are exchanged.
    pub kept: String,
    /// Tables whose restored rows were compared with those of the backup.
    pub tables_compared: usize,
    /// How many rows they have.
    pub rows_compared: u64,
    /// Versions that were applied in the database and are not in the backup.
    pub undone: Vec<String>,
    /// What is lost for good, each as a sentence; empty where nothing is.
    pub lost: Vec<String>,
    /// What a reader has to know.
    pub notes: Vec<String>,
    /// The one command that comes next, where there is one.
    pub next: Option<String>,
}

/// A step of it, in their order. A step is written down before it is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Stage {
    /// It is looked whether it can be done at all.
    Looking,
    /// Writers are being fenced.
    Fencing,
    /// It is found out whether anybody else wrote.
    Comparing,
    /// The backup is being restored beside the database.
    Restoring,
    /// What was restored is being compared with the backup.
    Verifying,
    /// The two change places; whether they have, the database knows.
    Exchanging,
    /// They have changed places, and the fence is being lifted.
    Exchanged,
}

impl Stage {
    /// As in "interrupted while ...".
    pub fn doing(self) -> &'static str {
        match self {
            Stage::Looking => "looking whether it can be done",
            Stage::Fencing => "fencing writers",
            Stage::Comparing => "finding out whether anybody else wrote",
            Stage::Restoring => "restoring beside the database",
            Stage::Verifying => "comparing what was restored with the backup",
            Stage::Exchanging => "exchanging the two",
            Stage::Exchanged => "lifting the fence, with the backup in the database's place",
        }
    }
}

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Outcome {
    /// It goes on, or its process ended before it did.
    Unfinished,
    /// The backup is in the database's place.
    Done,
    /// It was refused; the database is as it was, and the fence is lifted.
    Refused,
    /// It failed; the database is as it was, and the fence is lifted.
    Failed,
    /// Somebody gave it up; the database is as it was, and the fence is lifted.
    GivenUp,
}

/// What kept writers away.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fence {
    /// How, as a sentence without a final period.
    pub how: String,
    /// What it does not keep away, a sentence each.
    pub holes: Vec<String>,
    /// Sessions of others that were ended for it.
    pub sessions_ended: usize,
    /// How long it stood; `None` while it stands.
    pub held_seconds: Option<f64>,
}

/// Whether anybody but the run wrote since the backup's snapshot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Writers {
    /// It was not looked at.
    NotLooked,
    /// Nobody: the database holds what the backup and the run's migrations come to.
    Nobody {
        /// Tables that were compared.
        tables: usize,
        /// Rows that were compared.
        rows: u64,
    },
    /// Somebody did: no migration touched this, and it is not what it was.
    Somebody {
        /// What differs, a line each.
        what: Vec<String>,
    },
    /// It cannot be known.
    NotKnown {
        /// Why, a line each.
        why: Vec<String>,
    },
}

impl Reinstatement {
    /// Whether the backup is in the database's place.
    pub fn is_done(&self) -> bool {
        self.outcome == Outcome::Done
    }

    /// What matters of it, in one line.
    pub fn summary(&self) -> String {
        let reason = self.reason.as_deref().unwrap_or_default();
        match self.outcome {
            Outcome::Unfinished => format!("not finished: {}", self.stage.doing()),
            Outcome::Refused => format!("not restored: {reason}"),
            Outcome::Failed => format!("not restored, the database is as it was: {reason}"),
            Outcome::GivenUp => "given up; the database is as it was".to_owned(),
            Outcome::Done => {
                let writers = match &self.writers {
                    Writers::Nobody { .. } => "nobody else had written since".to_owned(),
                    _ => format!(
                        "what others wrote after {} is only in the old database",
                        self.backup_made
                    ),
                };
                format!(
                    "the backup {} is in the database's place, {} tables and {} rows compared; {writers}; \
                     the old database is kept as {}",
                    self.backup, self.tables_compared, self.rows_compared, self.kept
                )
            }
        }
    }
}
