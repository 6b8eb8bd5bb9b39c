//! Why there is no scratch server.

use std::io;
use std::path::PathBuf;

use crate::connect::ConnectError;

/// There is no scratch server, or a database on it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ScratchError {
    /// The server's programs are not on this machine.
    #[error(
        "no {program} was found for a private server; looked in {}",
        list(looked)
    )]
    NoPrograms {
        /// The program.
        program: &'static str,
        /// The directories.
        looked: Vec<PathBuf>,
    },
    /// Servers refuse to run as root, and there is nobody else.
    #[error(
        "database servers refuse to run as root, and this system has no user `{user}` to run one as"
    )]
    NoUser {
        /// Who was looked for.
        user: &'static str,
    },
    /// A copy of a server's files can be read by a server of the same version only.
    #[error(
        "the files are of PostgreSQL {major}, and the only server program that was found is {found}; name the \
         folder of the right one under [tools]"
    )]
    OtherVersion {
        /// What was found.
        found: String,
        /// What is needed.
        major: u32,
    },
    /// The user of this process has no name, by which a server could know it.
    #[error("this process runs as user {uid}, who is not in /etc/passwd")]
    Nameless {
        /// The user's number.
        uid: u32,
    },
    /// The system has no way to keep a server private.
    #[error("private servers are started on Unix only")]
    Platform,
    /// The path of a socket has to be short.
    #[error(
        "{} is too long a path for a socket; choose a folder with a shorter one",
        path.display()
    )]
    LongPath {
        /// The socket.
        path: PathBuf,
    },
    /// A file, a folder or a program.
    #[error("{doing} {}", path.display())]
    Io {
        /// What was to be done: "cannot make the folder".
        doing: &'static str,
        /// With what.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// A program of the server failed.
    #[error("{} failed: {said}", program.display())]
    Failed {
        /// The program.
        program: PathBuf,
        /// Its last words.
        said: String,
    },
    /// The server runs and does not answer.
    #[error("the private server does not answer; its last words: {said}")]
    NoAnswer {
        /// Its last words.
        said: String,
        /// What the client said.
        #[source]
        source: ConnectError,
    },
    /// There is no connection to it.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// It refused a statement.
    #[error("the private server refuses to {doing}")]
    Sql {
        /// What was to be done: "make the database `copy`".
        doing: String,
        /// What it said.
        #[source]
        source: diesel::result::Error,
    },
}

impl ScratchError {
    pub(super) fn io(
        doing: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| ScratchError::Io {
            doing,
            path,
            source,
        }
    }
}

fn list(paths: &[PathBuf]) -> String {
    let paths: Vec<String> = paths
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    paths.join(", ")
}
