//! Why a database cannot be read.

use diesel::result::Error as DieselError;

/// A database cannot be read as a whole; nothing is skipped silently.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DigestError {
    /// The transaction or the session's settings.
    #[error("cannot prepare the session for reading, or put it back")]
    Session(#[source] DieselError),
    /// The catalogue.
    #[error("cannot read {reading} from the database's catalogue")]
    Catalogue {
        /// What was read: "the columns".
        reading: &'static str,
        /// What the database said.
        #[source]
        source: DieselError,
    },
    /// A table that is named is not there.
    #[error("there is no table {table}")]
    NoTable {
        /// The table.
        table: String,
    },
    /// The user may not see every table, and the server does not tell of those that it hides.
    #[error(
        "the user has no right to read the whole database, so tables may be hidden from it; grant SELECT on the database, or name the tables"
    )]
    Hidden,
    /// The user may not see what an object is.
    #[error("the user may not read the definition of {object}")]
    Definition {
        /// The object.
        object: String,
    },
    /// A table cannot be read.
    #[error("cannot read table {table}")]
    Table {
        /// The table.
        table: String,
        /// What the database said.
        #[source]
        source: DieselError,
    },
    /// A row is larger than what the server can put together.
    #[error("a row of table {table} is larger than the server's max_allowed_packet")]
    RowTooLarge {
        /// The table.
        table: String,
    },
    /// Whoever is told of the progress asked to stop.
    #[error("stopped before table {table}")]
    Stopped {
        /// The table that was next.
        table: String,
    },
}

impl DigestError {
    pub(super) fn of(reading: &'static str) -> impl FnOnce(DieselError) -> Self {
        move |source| DigestError::Catalogue { reading, source }
    }
}
