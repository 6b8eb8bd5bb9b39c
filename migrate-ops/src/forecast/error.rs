//! Why there is no forecast.

use crate::introspect::IntrospectError;

/// Why there is no forecast.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ForecastError {
    /// The run would be refused, or the history cannot be read.
    #[error(transparent)]
    Run(#[from] migrate_runtime::Error),
    /// The schema cannot be read.
    #[error(transparent)]
    Introspect(#[from] IntrospectError),
    /// The database does not answer a question.
    #[error("cannot read {doing} from the database")]
    Database {
        /// What was read.
        doing: &'static str,
        /// What the database said.
        #[source]
        source: diesel::result::Error,
    },
    /// A script to run by hand cannot hold it.
    #[error("migration {version} has Rust code, which no script can hold")]
    RustCode {
        /// The version.
        version: String,
    },
}
