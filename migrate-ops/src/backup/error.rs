//! Why there is no backup, or why one is not restored.

use std::io;
use std::path::PathBuf;

use diesel::result::Error as DieselError;

use super::preflight::Preflight;
use crate::connect::ConnectError;
use crate::digest::DigestError;
use crate::introspect::IntrospectError;
use crate::run_state::RunStateError;
use crate::scratch::ScratchError;
use crate::tool::{ToolError, WorkspaceError};

/// Why there is no backup, or why one is not restored. What was begun is removed then, unless the
/// variant says otherwise.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BackupError {
    /// The user that dumps is one of another database.
    #[error(
        "{login} is not the database {database} as another user; backups would be of something else"
    )]
    OtherDatabase {
        /// The URL for dumps, without its password.
        login: String,
        /// The database.
        database: String,
    },
    /// What was looked at before anything was begun says no.
    #[error("no backup can be made: {}", .0.problems().join("; "))]
    NoGo(Box<Preflight>),
    /// There is no connection.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// A program of the database, or a command of the operator.
    #[error(transparent)]
    Tool(#[from] ToolError),
    /// The database refused a statement.
    #[error("{database} refuses {doing}")]
    Database {
        /// The database, without its password; so in every variant.
        database: String,
        /// What was asked of it: "to lock its tables".
        doing: &'static str,
        /// What it said.
        #[source]
        source: DieselError,
    },
    /// The schema cannot be read.
    #[error(transparent)]
    Introspect(#[from] IntrospectError),
    /// What the tables hold cannot be read as a whole.
    #[error(transparent)]
    Digest(#[from] DigestError),
    /// There is no place to try to restore it.
    #[error(transparent)]
    Scratch(#[from] ScratchError),
    /// A folder for the backup.
    #[error(transparent)]
    Workspace(#[from] WorkspaceError),
    /// A file of its evidence.
    #[error(transparent)]
    Evidence(#[from] RunStateError),
    /// A file of the backup.
    #[error("cannot {doing} {}", .path.display())]
    File {
        /// What was done: "write".
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Somebody changed the schema while it was dumped, so that the dump may hold parts of both.
    #[error("the schema was changed while it was dumped: {}", .changes.join("; "))]
    SchemaChanged {
        /// What differs.
        changes: Vec<String>,
    },
    /// The moment at which dump and digest see the same data was not reached in time.
    #[error(
        "the dump did not open its snapshot within {limit_seconds} s, for which writers may be kept \
         waiting; raise `stall` under [backup] or try when there is less to do"
    )]
    Stalled {
        /// How long writers may be kept waiting.
        limit_seconds: f64,
    },
    /// The listener asked to stop.
    #[error("stopped")]
    Stopped,
    /// There is no such backup.
    #[error("there is no backup {wanted} in {}", .directory.display())]
    NoBackup {
        /// Which.
        wanted: String,
        /// Where.
        directory: PathBuf,
    },
    /// A text that is not the name of a backup.
    #[error("`{0}` is not the name of a backup, as `20260301T123456Z-9f3a` is")]
    BadId(String),
    /// Its evidence cannot be read.
    #[error("{} does not hold the evidence of a backup", .path.display())]
    Manifest {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        #[source]
        source: serde_json::Error,
    },
    /// Its evidence was written by a newer version.
    #[error("{} has format {format}, which this version does not know", .path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// Its format.
        format: u32,
    },
    /// A file is not what it was when it was written.
    #[error("{} is damaged: {why}", .path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// "its SHA-256 is another".
        why: String,
    },
    /// The backup is of another kind of database.
    #[error("the backup is of {backup}, and the target is {target}")]
    Dialect {
        /// What it is of.
        backup: String,
        /// What the target is.
        target: String,
    },
    /// The backup is encrypted, and nothing says how to decrypt it.
    #[error(
        "the backup is encrypted; `decrypt` under [backup] has to name the command that decrypts it"
    )]
    NoDecrypt,
    /// A backup of a whole server cannot go into one database.
    #[error(
        "{id} is a physical backup, which is of a whole server: give `--data-directory` for a folder \
         that a server can be started on, or `--as` for one database of it"
    )]
    Physical {
        /// The backup.
        id: String,
    },
    /// Only a physical backup can be rolled forward.
    #[error("{id} is not a physical backup, and only such a one can be rolled forward")]
    NotPhysical {
        /// The backup.
        id: String,
    },
    /// The wanted moment is not in the log that is kept.
    #[error("the backup cannot be rolled forward to {wanted}: {why}")]
    OutOfReach {
        /// The moment.
        wanted: String,
        /// "its log is kept from … on".
        why: String,
    },
    /// What the server's program needs cannot be said to it.
    #[error("the name {name} cannot be written into a configuration file of the server")]
    Unspeakable {
        /// The name.
        name: String,
    },
    /// A backup that this program did not write itself.
    #[error("the backup was made by a command of the operator's, and is restored by them")]
    External,
    /// The dump would alter the database that it was made of.
    #[error(
        "the dump names its database `{original}` (ALTER DATABASE, around routines of another collation), \
         which it would alter where it is on the same server; restore it under that name on another server"
    )]
    NamesItself {
        /// The name.
        original: String,
    },
    /// The target holds something.
    #[error(
        "{database} is not empty ({holds}), and a backup is restored into an empty database only"
    )]
    NotEmpty {
        /// The target.
        database: String,
        /// What it holds, as in "12 tables".
        holds: String,
    },
    /// What a restore made stays for a look, because another program was at it.
    #[error("{database} was made and filled in part, and cannot be dropped")]
    Leftover {
        /// The target.
        database: String,
        /// Why it cannot be dropped.
        #[source]
        source: Box<BackupError>,
    },
    /// A file has a name that cannot be said to SQLite.
    #[error("the path {} is not UTF-8", .0.display())]
    Path(PathBuf),
}

impl BackupError {
    pub(crate) fn file(
        doing: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| BackupError::File {
            doing,
            path,
            source,
        }
    }
}
