//! Why nothing could be validated.

use diesel::result::Error as DieselError;

use crate::connect::ConnectError;
use crate::digest::DigestError;
use crate::introspect::IntrospectError;

/// Nothing could be validated. What a single check runs into is in its evidence instead.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ValidateError {
    /// There is no connection.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// The history cannot be read.
    #[error(transparent)]
    History(#[from] migrate_runtime::Error),
    /// The schema cannot be read.
    #[error(transparent)]
    Introspect(#[from] IntrospectError),
    /// The tables cannot be listed.
    #[error(transparent)]
    Tables(#[from] DigestError),
    /// The session does not take its settings.
    #[error("the session cannot be made ready for validation")]
    Session(#[source] DieselError),
    /// A folder with the user's checks cannot be read.
    #[error("cannot read {path}")]
    File {
        /// The path.
        path: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// Whoever is told of the progress asked to stop.
    #[error("validation was stopped")]
    Stopped,
}
