//! The server's log: where it stands, and how much of it is kept with a physical backup.

use std::fmt;
use std::path::Path;

use diesel::QueryResult;
use serde::{Deserialize, Serialize};

use super::error::BackupError;
use super::evidence::BackupFile;
use super::options::Options;
use super::store::Stored;
use crate::connect::Engine;
use crate::time;

/// A place in the log of a server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "of", rename_all = "snake_case")]
#[non_exhaustive]
pub enum LogPosition {
    /// In PostgreSQL's write-ahead log.
    Postgres {
        /// As the server writes it: `0/16B3748`.
        lsn: String,
    },
    /// In the binary log of MySQL or MariaDB.
    Mysql {
        /// The file.
        file: String,
        /// The place in it.
        position: u64,
        /// The global transaction ids up to there.
        gtid: Option<String>,
    },
}

impl fmt::Display for LogPosition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LogPosition::Postgres { lsn } => f.pad(lsn),
            LogPosition::Mysql { file, position, .. } => write!(f, "{file}:{position}"),
        }
    }
}

/// Where the log of a server stood, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogMark {
    /// When, by the clock of this machine (RFC 3339, UTC).
    pub time: String,
    /// Where.
    pub position: LogPosition,
}

/// How much of the server's log is kept with a backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptLog {
    /// The earliest moment that can be recovered.
    pub from: LogMark,
    /// The latest.
    pub to: LogMark,
}

/// Where the log of the server stands just now; `None` where it has none, or this user may not ask.
/// All that is committed by now stands before, and nothing that is begun later.
///
/// # Errors
/// Where the connection is broken.
pub fn log_mark<DB: Engine>(connection: &mut DB::Connection) -> QueryResult<Option<LogMark>> {
    let position = DB::log_position(connection)?;
    Ok(position.map(|position| LogMark {
        time: time::now(),
        position,
    }))
}

/// Receives the log of a server as it is written, until it is dropped. The server keeps its log for it
/// no longer than it lives, also where this process is killed.
pub struct Follower(pub(super) Box<dyn Follow + Send>);

impl fmt::Debug for Follower {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Follower").finish_non_exhaustive()
    }
}

/// What differs between databases in following a log.
pub(super) trait Follow {
    /// Receives all that the server has written by now, and puts it into the folder of a backup. Returns
    /// the files, and the latest moment that can be recovered with them.
    fn keep(
        &mut self,
        folder: &Path,
        batch: usize,
        options: &Options,
    ) -> Result<(Vec<BackupFile>, LogMark), BackupError>;
}

impl Follower {
    /// Puts what the server has written by now into a backup, which then can be rolled forward up to
    /// now.
    ///
    /// # Errors
    /// Where the log cannot be received or written; the backup stays what it was then.
    pub fn keep(mut self, stored: &mut Stored, options: &Options) -> Result<(), BackupError> {
        let batch = batches(&stored.evidence.files);
        let (files, to) = self.0.keep(&stored.folder, batch, options)?;
        stored.evidence.files.extend(files);
        if let Some(log) = &mut stored.evidence.log {
            log.to = to;
        }
        stored.save()
    }
}

/// The number of the next batch of log files; a later batch may have the last file of the one before
/// once more, with more in it.
pub(super) fn batches(files: &[BackupFile]) -> usize {
    let numbers = files.iter().filter_map(|file| log_file(&file.name));
    numbers.map(|(_, batch)| batch + 1).max().unwrap_or(0)
}

/// The name that a part of the log has on the server, and the batch that it came with:
/// `000000010000000000000003.1.gz`.
pub(super) fn log_file(name: &str) -> Option<(&str, usize)> {
    let name = name.strip_suffix(".encrypted").unwrap_or(name);
    let name = name.strip_suffix(".gz").unwrap_or(name);
    let (name, batch) = name.rsplit_once('.')?;
    Some((name, batch.parse().ok()?))
}

/// The name of the file of a backup that holds a part of the log.
pub(super) fn log_name(part: &str, batch: usize) -> String {
    format!("{part}.{batch}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_parts() {
        let name = log_name("mariadb-bin.000007", 12);
        for suffix in ["", ".gz", ".gz.encrypted"] {
            let found = format!("{name}{suffix}");
            assert_eq!(log_file(&found), Some(("mariadb-bin.000007", 12)));
        }
        assert_eq!(log_file("server.tar.gz"), None);
    }
}
