//! Why there is no connection.

use std::error::Error;

use migrate_core::Dialect;

use super::tls::TlsError;
use super::url::BadUrl;

/// There is no connection.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// The URL cannot be read.
    #[error(transparent)]
    Url(#[from] BadUrl),
    /// The URL has a parameter that nobody knows.
    #[error(
        "the URL of {database} has a parameter `{parameter}`, which is not known; known are {known}"
    )]
    Parameter {
        /// The database, without its password; so in every variant.
        database: String,
        /// The parameter.
        parameter: String,
        /// Those that are known.
        known: &'static str,
    },
    /// TLS cannot be set up as the URL asks.
    #[error("TLS to {database} cannot be set up")]
    Tls {
        /// The database.
        database: String,
        /// Why.
        #[source]
        source: TlsError,
    },
    /// The server refused, or does not answer.
    #[error("cannot connect to {database}")]
    Refused {
        /// The database.
        database: String,
        /// What the client library said.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
    /// A SQLite file that has to be there is not.
    #[error("there is no database file {path}; `migrate up` or `migrate database create` makes it")]
    NoFile {
        /// The file.
        path: String,
    },
    /// A first query failed.
    #[error("{database} does not answer to a first question")]
    Question {
        /// The database.
        database: String,
        /// What it said.
        #[source]
        source: diesel::result::Error,
    },
    /// What the program does with a new connection failed.
    #[error("this program cannot make its connection to {database} ready")]
    NotReady {
        /// The database.
        database: String,
        /// What it said.
        #[source]
        source: diesel::result::Error,
    },
    /// The migrations are for another kind of database.
    #[error("the migrations are for {migrations}, and {database} is {found}")]
    Dialect {
        /// What the migrations are for.
        migrations: Dialect,
        /// The database.
        database: String,
        /// What it is.
        found: Dialect,
    },
}
