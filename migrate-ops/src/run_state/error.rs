//! Why the state of a run cannot be read or written.

use std::io;
use std::path::PathBuf;

/// Why the state of a run cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunStateError {
    /// Another run goes on.
    #[error("another run{} uses the state directory {}; wait until it ends", by(.pid), .directory.display())]
    Busy {
        /// The state directory.
        directory: PathBuf,
        /// The process of the other run, as far as it is known.
        pid: Option<u32>,
    },
    /// There is no such run.
    #[error("there is no run {id} in {}", .directory.display())]
    NoRun {
        /// The id.
        id: String,
        /// The state directory.
        directory: PathBuf,
    },
    /// A text that is not the id of a run.
    #[error("`{0}` is not the id of a run, as `20260301T123456Z-9f3a` is")]
    BadId(String),
    /// A file or folder.
    #[error("cannot {doing} {}", .path.display())]
    Io {
        /// What was to be done with it, as in "write".
        doing: &'static str,
        /// Which.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// A file that does not hold what it should.
    #[error("{} does not hold what it should", .path.display())]
    Json {
        /// Which.
        path: PathBuf,
        /// What is wrong.
        #[source]
        source: serde_json::Error,
    },
}

fn by(pid: &Option<u32>) -> String {
    pid.map(|pid| format!(" (process {pid})"))
        .unwrap_or_default()
}

impl RunStateError {
    pub(super) fn io(
        doing: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(io::Error) -> RunStateError {
        let path = path.into();
        move |source| RunStateError::Io {
            doing,
            path,
            source,
        }
    }
}
