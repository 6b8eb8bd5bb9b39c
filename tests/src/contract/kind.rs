use diesel::Connection;
use diesel::mysql::Mysql;
use diesel::pg::Pg;
use diesel::r2d2::{ConnectionManager, Pool, R2D2Connection};
use diesel::sqlite::{Sqlite, SqliteConnection};
use diesel_async::async_connection_wrapper::AsyncConnectionWrapper;
use diesel_async::{AsyncMysqlConnection, AsyncPgConnection};
use migrate_ops::connect::{self, DatabaseUrl, Open};

use super::client::{Client, Plain, Pooled};
use crate::server::{Database, Engine, left_out};

/// A way to connect with diesel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `AsyncPgConnection` behind `AsyncConnectionWrapper`.
    PostgresAsync,
    /// `PgConnection`.
    #[cfg(feature = "native-clients")]
    Postgres,
    /// `PgConnection` in an r2d2 pool.
    #[cfg(feature = "native-clients")]
    PostgresPooled,
    /// The command's own.
    PostgresCommand,
    /// `AsyncMysqlConnection` behind `AsyncConnectionWrapper`.
    MysqlAsync,
    /// `MysqlConnection`.
    #[cfg(feature = "native-clients")]
    Mysql,
    /// `MysqlConnection` in an r2d2 pool.
    #[cfg(feature = "native-clients")]
    MysqlPooled,
    /// The command's own.
    MysqlCommand,
    /// `SqliteConnection`.
    Sqlite,
    /// `SqliteConnection` in an r2d2 pool.
    SqlitePooled,
    /// The command's own.
    SqliteCommand,
}

impl Kind {
    const ALL: &[Kind] = &[
        Kind::PostgresAsync,
        #[cfg(feature = "native-clients")]
        Kind::Postgres,
        #[cfg(feature = "native-clients")]
        Kind::PostgresPooled,
        Kind::PostgresCommand,
        Kind::MysqlAsync,
        #[cfg(feature = "native-clients")]
        Kind::Mysql,
        #[cfg(feature = "native-clients")]
        Kind::MysqlPooled,
        Kind::MysqlCommand,
        Kind::Sqlite,
        Kind::SqlitePooled,
        Kind::SqliteCommand,
    ];

    /// The kinds that connect to an engine.
    #[must_use]
    pub fn of(engine: Engine) -> Vec<Self> {
        if cfg!(not(feature = "native-clients")) {
            left_out("diesel's own connections: the feature native-clients is off");
        }
        let kinds = Self::ALL.iter().copied();
        kinds.filter(|kind| kind.engine() == engine).collect()
    }

    /// The kind that needs no C client library, for a test that is about the server.
    #[must_use]
    pub fn first(engine: Engine) -> Self {
        match engine {
            Engine::Postgres => Kind::PostgresAsync,
            Engine::Mariadb => Kind::MysqlAsync,
            Engine::Sqlite => Kind::Sqlite,
        }
    }

    /// The engine that it connects to.
    #[must_use]
    pub fn engine(self) -> Engine {
        match self.name().split('-').next() {
            Some("postgres") => Engine::Postgres,
            Some("mysql") => Engine::Mariadb,
            _ => Engine::Sqlite,
        }
    }

    /// Its name in arguments.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Kind::PostgresAsync => "postgres-async",
            #[cfg(feature = "native-clients")]
            Kind::Postgres => "postgres-native",
            #[cfg(feature = "native-clients")]
            Kind::PostgresPooled => "postgres-pooled",
            Kind::PostgresCommand => "postgres-command",
            Kind::MysqlAsync => "mysql-async",
            #[cfg(feature = "native-clients")]
            Kind::Mysql => "mysql-native",
            #[cfg(feature = "native-clients")]
            Kind::MysqlPooled => "mysql-pooled",
            Kind::MysqlCommand => "mysql-command",
            Kind::Sqlite => "sqlite-native",
            Kind::SqlitePooled => "sqlite-pooled",
            Kind::SqliteCommand => "sqlite-command",
        }
    }

    /// The kind of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.name() == name)
    }

    /// Connects.
    ///
    /// # Panics
    /// Where that fails.
    #[must_use]
    pub fn connect(self, database: &Database) -> Box<dyn Client> {
        match self {
            Kind::PostgresAsync => plain::<AsyncConnectionWrapper<AsyncPgConnection>>(database),
            #[cfg(feature = "native-clients")]
            Kind::Postgres => plain::<diesel::pg::PgConnection>(database),
            #[cfg(feature = "native-clients")]
            Kind::PostgresPooled => pooled::<diesel::pg::PgConnection>(database),
            Kind::PostgresCommand => command::<Pg>(database),
            // Otherwise it goes on through the server's socket, past every proxy.
            Kind::MysqlAsync => plain_at::<AsyncConnectionWrapper<AsyncMysqlConnection>>(format!(
                "{}?prefer_socket=false",
                address(database)
            )),
            #[cfg(feature = "native-clients")]
            Kind::Mysql => plain::<diesel::mysql::MysqlConnection>(database),
            #[cfg(feature = "native-clients")]
            Kind::MysqlPooled => pooled::<diesel::mysql::MysqlConnection>(database),
            Kind::MysqlCommand => command::<Mysql>(database),
            Kind::Sqlite => plain::<SqliteConnection>(database),
            Kind::SqlitePooled => pooled::<SqliteConnection>(database),
            Kind::SqliteCommand => command::<Sqlite>(database),
        }
    }
}

/// What diesel's `establish` takes.
fn address(database: &Database) -> String {
    match database.engine() {
        Engine::Sqlite => database.name().to_owned(),
        Engine::Postgres | Engine::Mariadb => database.url().to_owned(),
    }
}

fn plain<C>(database: &Database) -> Box<dyn Client>
where
    C: Connection + 'static,
    Plain<C>: Client,
{
    plain_at::<C>(address(database))
}

fn plain_at<C>(address: String) -> Box<dyn Client>
where
    C: Connection + 'static,
    Plain<C>: Client,
{
    Box::new(Plain::new(move || {
        C::establish(&address).expect("a connection")
    }))
}

/// The command's connection, on a runtime of its own as in the command.
fn command<DB: connect::Engine>(database: &Database) -> Box<dyn Client>
where
    Plain<DB::Connection>: Client,
{
    let url = DatabaseUrl::parse(database.url()).expect("a URL");
    let runtime = connect::runtime().expect("a runtime");
    Box::new(Plain::new(move || {
        let connected = DB::connect(&url, Open::Create, &runtime);
        connected.expect("a connection").connection
    }))
}

fn pooled<C>(database: &Database) -> Box<dyn Client>
where
    C: R2D2Connection + 'static,
    Pooled<C>: Client,
{
    let manager = ConnectionManager::<C>::new(address(database));
    // The second is for a lease. None is made ahead: where the process ends while a thread of the
    // pool still connects, OpenSSL's own clearing up would crash it.
    let pool = Pool::builder().max_size(2).min_idle(Some(0)).build(manager);
    Box::new(Pooled::<C>(pool.expect("a pool of connections")))
}
