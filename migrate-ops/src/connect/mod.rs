//! From a URL to a connection; one module a database.
//!
//! No C client library is needed: PostgreSQL and MySQL are reached through asynchronous clients
//! behind a wrapper that makes diesel connections of them, SQLite is bundled.

mod error;
mod mysql;
mod postgres;
mod sqlite;
mod tls;
mod url;

use std::io;

use diesel::connection::LoadConnection;
use tokio::runtime::{Builder, Runtime};

use crate::backup::Backup;
use crate::digest::Digest;
use crate::introspect::Introspect;
use crate::reinstate::Reinstate;
use crate::replica::Replicate;
use crate::validate::Inspect;

pub use error::ConnectError;
pub use tls::TlsError;
pub use url::{BadUrl, DatabaseUrl};

/// A database that can be connected to: diesel's `Pg`, `Mysql` and `Sqlite`.
///
/// The trait is sealed through [`migrate_runtime::Database`].
pub trait Engine: Introspect + Digest + Backup + Inspect + Reinstate + Replicate {
    /// The connection: an asynchronous one behind a wrapper, or SQLite's own.
    type Connection: LoadConnection<Backend = Self> + Send + 'static;

    /// Whether locks can belong to a session.
    const HAS_SESSIONS: bool = true;

    /// Connects. `runtime` drives connections to MySQL and MariaDB and has to outlive them; one to PostgreSQL
    /// is driven by the thread that uses it.
    ///
    /// ```
    /// use diesel::sqlite::Sqlite;
    /// use migrate_ops::connect::{DatabaseUrl, Engine, Open, runtime};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let runtime = runtime()?;
    /// let url = DatabaseUrl::parse("sqlite::memory:")?;
    /// let connected = Sqlite::connect(&url, Open::Create, &runtime)?;
    /// # drop(connected);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Where the URL asks for what is not known, or the server cannot be reached.
    fn connect(
        url: &DatabaseUrl,
        open: Open,
        runtime: &Runtime,
    ) -> Result<Connected<Self::Connection>, ConnectError>;

    /// Whether a lock of the session would not hold on this way to the server, as far as two
    /// connections can tell.
    ///
    /// # Errors
    /// Where a connection does not answer.
    fn session_lock_fails(
        _first: &mut Self::Connection,
        _second: &mut Self::Connection,
    ) -> diesel::QueryResult<bool> {
        Ok(false)
    }
}

/// A runtime that drives connections: two threads, with timers.
///
/// # Errors
/// Where the system gives no threads.
pub fn runtime() -> io::Result<Runtime> {
    Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
}

/// Whether a database may be made by connecting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Open {
    /// SQLite makes the file where there is none.
    Create,
    /// It has to be there.
    Existing,
}

/// A connection, and how to cancel what runs on it.
#[derive(Debug)]
pub struct Connected<C> {
    /// The connection.
    pub connection: C,
    /// How to cancel its statement.
    pub cancel: Cancel,
}

/// How to cancel the statement that runs on a connection; clones cancel the same one.
#[derive(Clone)]
pub struct Cancel(Way);

#[derive(Clone)]
enum Way {
    /// Nothing can; ending the process is safe, because SQLite rolls back when it is opened next.
    None,
    Postgres(Box<postgres::CancelPostgres>),
    Mysql(Box<diesel_async::MysqlCancelToken>),
}

impl Cancel {
    /// Cancels; whether the request was sent.
    pub async fn cancel(&self) -> bool {
        match &self.0 {
            Way::None => false,
            Way::Postgres(token) => token.cancel().await,
            Way::Mysql(token) => token.cancel_query().await.is_ok(),
        }
    }
}

impl std::fmt::Debug for Cancel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cancel").finish_non_exhaustive()
    }
}
