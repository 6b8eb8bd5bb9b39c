//! What can be wrong with a lock file.

use std::ops::Range;
use std::sync::Arc;

use super::{Conflict, LockFile};
use crate::diagnostic::{Diagnostic, SourceFile};
use crate::rule;

/// A lock file cannot be used as it is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LockError {
    /// A line cannot be understood.
    #[error("{problem}")]
    Malformed {
        /// The line's bytes.
        span: Range<usize>,
        /// What is wrong with it.
        problem: String,
    },
    /// It holds the markers of an unresolved merge.
    #[error("the lock file has an unresolved merge conflict")]
    Conflict(Conflict),
    /// Every line can be read, but they are not the lines that the head digests.
    #[error("the lock file does not agree with its head line: it was edited or merged by hand")]
    Altered(LockFile),
}

impl LockError {
    /// The finding, pointing into the lock file's text.
    pub fn diagnostic(&self, source: &Arc<SourceFile>) -> Diagnostic {
        let first_line = 0..source.text.lines().next().map_or(0, str::len);
        match self {
            LockError::Malformed { span, .. } => {
                Diagnostic::new(&rule::LOCK_FILE, self.to_string())
                    .at(source, span.clone(), "")
                    .help("restore the file from version control, or delete it and run `migrate lock`, which vouches for everything as it is now")
            }
            LockError::Conflict(conflict) => {
                Diagnostic::new(&rule::LOCK_CONFLICT, self.to_string())
                    .at(source, conflict.marker.clone(), "")
                    .help("run `migrate lock`; it resolves the conflict itself, and asks only about versions whose checksums differ")
            }
            LockError::Altered(_) => Diagnostic::new(&rule::LOCK_FILE, self.to_string())
                .at(source, first_line, "")
                .help("run `migrate lock`, which compares every line with its file and writes a new head"),
        }
    }
}
