//! A backup, for people and as JSON.

use migrate_ops::backup::BackupEvidence;
use serde::Serialize;

/// What `migrate backup` answers.
#[derive(Debug, Serialize)]
pub(crate) struct BackupJson<'a> {
    /// Beside the format of the answer, which is not that of the evidence.
    pub(crate) backup: &'a BackupEvidence,
}
