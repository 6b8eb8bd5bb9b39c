//! Why there is no connection.

use std::error::Error;

use migrate_core::Dialect;

use super::tls::TlsError;
use super::url::BadUrl;

/// There is no connection.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum ConnectError {
    #[error(transparent)]
    Url(#[from] BadUrl),
    #[error(
        "the URL of {database} has a parameter `{parameter}`, which is not known; known are {known}"
    )]
    Parameter {
        database: String,
        parameter: String,
        known: &'static str,
    },
    #[error("TLS to {database} cannot be set up")]
    Tls {
        database: String,
        #[source]
        source: TlsError,
    },
    #[error("cannot connect to {database}")]
    Refused {
        database: String,
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
    #[error("there is no database file {path}; `migrate up` or `migrate database create` makes it")]
    NoFile { path: String },
    #[error("{database} does not answer to a first question")]
    Question {
        database: String,
        #[source]
        source: diesel::result::Error,
    },
    #[error("this program cannot make its connection to {database} ready")]
    NotReady {
        database: String,
        #[source]
        source: diesel::result::Error,
    },
    #[error("the migrations are for {migrations}, and {database} is {found}")]
    Dialect {
        migrations: Dialect,
        database: String,
        found: Dialect,
    },
}
