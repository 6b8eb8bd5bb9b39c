//! Why there was no rehearsal.

use std::io;
use std::path::PathBuf;

use diesel::result::Error as DieselError;

use crate::backup::BackupError;
use crate::connect::ConnectError;
use crate::forecast::ForecastError;
use crate::introspect::IntrospectError;
use crate::scratch::ScratchError;

/// There was no rehearsal. That a script fails is no error: it is what a rehearsal is held to find
/// out.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RehearseError {
    /// There is no private server.
    #[error(transparent)]
    Scratch(#[from] ScratchError),
    /// There is no connection.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// The history cannot be read, or the copy is not brought to where the database is.
    #[error(transparent)]
    Run(#[from] migrate_runtime::Error),
    /// The backup cannot be restored.
    #[error("the backup cannot be restored")]
    Restore(#[source] Box<BackupError>),
    /// The sizes of the copy's tables cannot be read.
    #[error(transparent)]
    Sizes(Box<ForecastError>),
    /// The catalogue cannot be read.
    #[error(transparent)]
    Introspect(#[from] IntrospectError),
    /// The copy does not answer.
    #[error("{doing} failed")]
    Database {
        /// What was done.
        doing: &'static str,
        /// What the database said.
        #[source]
        source: DieselError,
    },
    /// The copy is the database itself.
    #[error("{database} is the database that the migrations are for, and not a copy of it")]
    SameDatabase {
        /// The database.
        database: String,
    },
    /// The copy is on the server of the database.
    #[error(
        "{database} is on the server of the database that the migrations are for; a rehearsal there takes its time, its disk and its locks"
    )]
    SameServer {
        /// The copy.
        database: String,
    },
    /// Something would reach outside of the copy.
    #[error("the rehearsal would reach outside of the copy: {}", what.join("; "))]
    ReachesOut {
        /// What, and where it stands.
        what: Vec<String>,
    },
    /// The masking script cannot be read.
    #[error("cannot read {}", path.display())]
    MaskFile {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The masking script failed.
    #[error(
        "the copy's data could not be masked, so nothing was run: {}, line {line}",
        path.display()
    )]
    Mask {
        /// The file.
        path: PathBuf,
        /// The line that the statement begins in.
        line: usize,
        /// What the database said.
        #[source]
        source: DieselError,
    },
    /// The masking command failed.
    #[error(
        "the copy's data could not be masked, so nothing was run: `{command}` {failure}; what it wrote is not repeated, since it may hold what is to be masked"
    )]
    MaskCommand {
        /// The command, without passwords in URLs.
        command: String,
        /// How it failed.
        failure: String,
    },
    /// Whoever is told asked to stop.
    #[error("stopped; the copy is dropped")]
    Stopped,
}

impl From<BackupError> for RehearseError {
    fn from(error: BackupError) -> Self {
        RehearseError::Restore(Box::new(error))
    }
}

impl From<ForecastError> for RehearseError {
    fn from(error: ForecastError) -> Self {
        RehearseError::Sizes(Box::new(error))
    }
}

impl RehearseError {
    pub(super) fn database(doing: &'static str) -> impl FnOnce(DieselError) -> Self {
        move |source| RehearseError::Database { doing, source }
    }
}
