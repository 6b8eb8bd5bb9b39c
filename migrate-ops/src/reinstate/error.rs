//! Why a backup is not put in its database's place.

use diesel::result::Error as DieselError;

use crate::backup::BackupError;
use crate::connect::ConnectError;
use crate::digest::DigestError;
use crate::rehearse::RehearseError;
use crate::run_state::RunStateError;

/// Why a backup is not put in its database's place.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReinstateError {
    /// It cannot be done here at all.
    #[error("{}", .0.join("; "))]
    Obstacles(Vec<String>),
    /// Others may have written.
    #[error(
        "what others wrote since the backup {backup} would be lost ({}); `--lose-writes-since {backup}` \
         says that it may be", .why.join("; ")
    )]
    Writers {
        /// The backup.
        backup: String,
        /// Why that is so.
        why: Vec<String>,
    },
    /// The name that was given is that of another backup.
    #[error("--lose-writes-since names {given}, and the backup that is restored is {backup}")]
    OtherBackup {
        /// What was given.
        given: String,
        /// The backup.
        backup: String,
    },
    /// Sessions of others could not be kept away.
    #[error("writers cannot be fenced: {0}")]
    Fence(String),
    /// The fence did not hold, or somebody got in at the last moment.
    #[error("the fence has not held: {0}; nothing was exchanged")]
    FenceLost(String),
    /// What was restored is not what was backed up.
    #[error("what was restored is not what was backed up: {}", .0.join("; "))]
    Differs(Vec<String>),
    /// The database refused a statement.
    #[error("{database} refuses {doing}")]
    Database {
        /// The database, without its password.
        database: String,
        /// What was asked of it.
        doing: &'static str,
        /// What it said.
        #[source]
        source: DieselError,
    },
    /// There is no connection.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// The backup.
    #[error(transparent)]
    Backup(#[from] BackupError),
    /// What the tables hold cannot be read.
    #[error(transparent)]
    Digest(#[from] DigestError),
    /// What would be there without other writers cannot be made.
    #[error(transparent)]
    Rehearse(#[from] RehearseError),
    /// The history cannot be read.
    #[error(transparent)]
    Run(#[from] migrate_runtime::Error),
    /// What it does cannot be written down.
    #[error(transparent)]
    State(#[from] RunStateError),
    /// Somebody asked to stop.
    #[error("stopped")]
    Stopped,
}

impl ReinstateError {
    /// Whether nothing went wrong, and it is only not done.
    pub(super) fn is_refusal(&self) -> bool {
        matches!(
            self,
            ReinstateError::Obstacles(_)
                | ReinstateError::Writers { .. }
                | ReinstateError::OtherBackup { .. }
                | ReinstateError::Fence(_)
                | ReinstateError::FenceLost(_)
                | ReinstateError::Stopped
        )
    }
}
