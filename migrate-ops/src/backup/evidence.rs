//! What is known of a backup: `backup.json`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::log::KeptLog;
use super::preflight::Preflight;
use super::store::BackupId;
use crate::digest::DatabaseDigest;

/// The version of `backup.json`, raised when a name changes its meaning or goes away.
pub(super) const FORMAT: u32 = 1;

/// What is known of a backup. It holds no values of rows and no password.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct BackupEvidence {
    /// The version of this format: 1.
    pub format: u32,
    /// Its name, which is that of its folder.
    pub id: BackupId,
    /// How it was made.
    pub kind: BackupKind,
    /// The database, without its password.
    pub database: String,
    /// `postgres`, `mysql` or `sqlite`.
    pub dialect: String,
    /// The folder it was written to.
    pub folder: String,
    /// What the server says its version is.
    pub server: String,
    /// What the programs that were used say their version is.
    pub tools: Vec<String>,
    /// The version of this crate.
    pub migrate: String,
    /// When it was begun (RFC 3339, UTC).
    pub started: String,
    /// When all of it was on the disk (RFC 3339, UTC).
    pub finished: String,
    /// How long that took, without the verification.
    pub duration_seconds: f64,
    /// The moment that it shows.
    pub snapshot: Snapshot,
    /// How long writers were kept waiting for that moment; `None` where nobody had to.
    pub stall_seconds: Option<f64>,
    /// What the database took on its disk, indexes included, as far as the catalogue tells.
    pub source_bytes: Option<u64>,
    /// Its files.
    pub files: Vec<BackupFile>,
    /// Whether its files went through a command of the operator's that encrypts.
    pub encrypted: bool,
    /// Whether it can be rolled forward to a moment after its snapshot: true only where that was tried.
    pub point_in_time_recovery: bool,
    /// The server's log that is kept with it, of a physical one.
    #[serde(default)]
    pub log: Option<KeptLog>,
    /// What a new database for it needs, as `encoding`.
    pub properties: BTreeMap<String, String>,
    /// What a reader has to know: what is not in it, for one.
    pub notes: Vec<String>,
    /// What its tables held at its snapshot; `None` where that was not asked for.
    pub tables: Option<DatabaseDigest>,
    /// What was looked at before.
    pub preflight: Preflight,
    /// What is known about whether it can be restored.
    pub verification: Verification,
}

impl BackupEvidence {
    /// How many bytes its files have.
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.bytes).sum()
    }

    /// What matters of it, in one line.
    pub fn summary(&self) -> String {
        let mut parts = vec![format!(
            "{}, {:.1} s",
            super::size(self.bytes()),
            self.duration_seconds
        )];
        let verification = &self.verification;
        parts.push(match (verification.state, verification.level) {
            (VerificationState::Passed, VerifyLevel::Sampled) => format!(
                "restored, and a sample compared: {} of {} tables ({} %), {} rows equal",
                verification.tables_compared,
                verification.tables,
                verification.sample_percent.unwrap_or_default(),
                verification.rows_compared
            ),
            (VerificationState::Passed, _) => format!(
                "restored and compared: {} tables, {} rows equal, time to restore {:.1} s",
                verification.tables_compared,
                verification.rows_compared,
                verification.restore_seconds.unwrap_or_default()
            ),
            (VerificationState::Failed, _) => "restored, and not what was backed up".to_owned(),
            (VerificationState::NotChecked, _) => "not verified".to_owned(),
        });
        parts.push(match (&self.log, self.point_in_time_recovery) {
            (Some(log), true) => format!("can be rolled forward up to {}", log.to.time),
            _ => "no point-in-time recovery".to_owned(),
        });
        parts.join("; ")
    }

    /// Whether all of it was restored and compared, with no difference.
    pub fn is_verified(&self) -> bool {
        self.verification.is_verified()
    }

    /// The file with the data.
    pub(super) fn file(&self, role: FileRole) -> Option<&BackupFile> {
        self.files.iter().find(|file| file.role == role)
    }
}

/// How a backup was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum BackupKind {
    /// Dumped as statements or rows.
    Logical,
    /// The files of the whole server, with its log.
    Physical,
    /// By a command of the operator's.
    External,
}

/// A file of a backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupFile {
    /// Its name in the folder.
    pub name: String,
    /// What it holds.
    pub role: FileRole,
    /// Whether it is compressed with gzip, before it is encrypted. (A dump of PostgreSQL compresses
    /// itself.)
    pub gzip: bool,
    /// Its size.
    pub bytes: u64,
    /// SHA-256 of it, as hexadecimal digits.
    pub sha256: String,
}

/// What a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FileRole {
    /// The database; of a physical backup the whole server.
    Data,
    /// A part of the server's log.
    Log,
    /// The server's roles, without their passwords.
    Roles,
    /// The server's tablespaces.
    Tablespaces,
}

/// The moment that a backup shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "of", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Snapshot {
    /// Of PostgreSQL.
    Postgres {
        /// The snapshot that was exported to the dump.
        id: String,
        /// `pg_current_snapshot()`: which transactions it sees.
        transactions: String,
        /// Where the write-ahead log stood when the snapshot was taken; what it shows was written
        /// before.
        wal: String,
    },
    /// Of MySQL or MariaDB.
    Mysql {
        /// The binary log's file; `None` where there is no binary log, or no right to ask.
        binary_log: Option<String>,
        /// The place in it.
        position: Option<u64>,
        /// The global transaction ids up to there.
        gtid: Option<String>,
    },
    /// Of SQLite.
    Sqlite {
        /// `wal`, `delete` or another.
        journal_mode: String,
    },
    /// Of an external backup, which alone knows.
    Unknown,
}

/// How much of a backup is to be restored and compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum VerifyLevel {
    /// Everything. Only this makes a backup verified.
    Full,
    /// Everything is restored; compared are the tables that the pending migrations touch, and those
    /// joined with them by foreign keys.
    Touched,
    /// Everything is restored; compared is a share of the tables, taken at random.
    Sampled,
    /// The operator's command vouches for it.
    External,
    /// Nothing.
    None,
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum VerificationState {
    /// No difference.
    Passed,
    /// It cannot be restored, or what was restored differs.
    Failed,
    /// Nothing was compared.
    NotChecked,
}

/// What is known about whether a backup can be restored.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Verification {
    /// How much was asked for.
    pub level: VerifyLevel,
    /// The share of the tables that was asked for, in percent, where it is a sample.
    #[serde(default)]
    pub sample_percent: Option<u8>,
    /// What came of it.
    pub state: VerificationState,
    /// When (RFC 3339, UTC).
    pub finished: Option<String>,
    /// Where it was restored, as in "private server".
    pub place: Option<String>,
    /// How long restoring took: what it would take at least in need.
    pub restore_seconds: Option<f64>,
    /// How long comparing took.
    pub compare_seconds: Option<f64>,
    /// How many tables were compared.
    pub tables_compared: usize,
    /// Of how many.
    pub tables: usize,
    /// How many rows the compared tables have.
    pub rows_compared: u64,
    /// What differs, a line each.
    pub differences: Vec<String>,
    /// What could not be compared and why, a line each.
    pub not_compared: Vec<String>,
}

impl Verification {
    /// Nothing is known.
    pub fn none() -> Self {
        Verification {
            level: VerifyLevel::None,
            sample_percent: None,
            state: VerificationState::NotChecked,
            finished: None,
            place: None,
            restore_seconds: None,
            compare_seconds: None,
            tables_compared: 0,
            tables: 0,
            rows_compared: 0,
            differences: Vec::new(),
            not_compared: Vec::new(),
        }
    }

    /// Whether all of it was restored and compared, with no difference.
    pub fn is_verified(&self) -> bool {
        self.level == VerifyLevel::Full
            && self.state == VerificationState::Passed
            && self.tables_compared == self.tables
    }
}
