//! From a URL to a connection; one module a database.

mod error;
mod mysql;
mod postgres;
mod sqlite;
mod tls;
mod url;

use diesel::connection::LoadConnection;
use migrate_ops::introspect::Introspect;
use migrate_runtime::Database;
use tokio::runtime::Runtime;

pub(crate) use error::ConnectError;
pub(crate) use url::{BadUrl, DatabaseUrl};

/// A database that the command can connect to: diesel's `Pg`, `Mysql` and `Sqlite`.
///
/// The trait is sealed.
#[expect(private_bounds, reason = "how to connect is nobody else's business")]
pub trait Engine: Connect {}

impl Engine for diesel::pg::Pg {}
impl Engine for diesel::mysql::Mysql {}
impl Engine for diesel::sqlite::Sqlite {}

/// How to connect to a database.
pub(crate) trait Connect: Database + Introspect {
    /// The connection: diesel-async's behind a wrapper, or SQLite's own.
    type Connection: LoadConnection<Backend = Self> + Send + 'static;

    /// Whether locks can belong to a session.
    const HAS_SESSIONS: bool = true;

    /// Connects.
    fn connect(
        url: &DatabaseUrl,
        open: Open,
        runtime: &Runtime,
    ) -> Result<Connected<Self::Connection>, ConnectError>;

    /// Whether a lock of the session would not hold on this way to the server, as far as two
    /// connections can tell.
    fn session_lock_fails(
        _first: &mut Self::Connection,
        _second: &mut Self::Connection,
    ) -> diesel::QueryResult<bool> {
        Ok(false)
    }
}

/// A connection as the command makes it, driven by `runtime`. The contract that every kind of
/// connection has to keep is tested on this one too; it is no part of the interface.
///
/// # Errors
/// Where the URL cannot be read or the server not be reached.
#[doc(hidden)]
pub fn connection<DB: Engine>(
    url: &str,
    runtime: &Runtime,
) -> Result<impl LoadConnection<Backend = DB> + Send + 'static + use<DB>, Box<dyn std::error::Error>>
{
    let url = DatabaseUrl::parse(url)?;
    Ok(DB::connect(&url, Open::Create, runtime)?.connection)
}

/// Whether a database may be made by connecting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Open {
    /// SQLite makes the file where there is none.
    Create,
    /// It has to be there.
    Existing,
}

/// A connection, and how to cancel what runs on it.
pub(crate) struct Connected<C> {
    pub(crate) connection: C,
    pub(crate) cancel: Cancel,
}

/// How to cancel the statement that runs on a connection.
#[derive(Clone)]
pub(crate) enum Cancel {
    /// Nothing can; ending the process is safe, because SQLite rolls back when it is opened next.
    None,
    Postgres(Box<postgres::CancelPostgres>),
    Mysql(Box<diesel_async::MysqlCancelToken>),
}

impl Cancel {
    /// Cancels; whether the request was sent.
    pub(crate) async fn cancel(&self) -> bool {
        match self {
            Cancel::None => false,
            Cancel::Postgres(token) => token.cancel().await,
            Cancel::Mysql(token) => token.cancel_query().await.is_ok(),
        }
    }
}
