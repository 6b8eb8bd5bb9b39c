//! Databases for tests: servers that `tests/run` started, a database per test, servers that a test
//! may kill, a pooler and a proxy that cuts connections.
//!
//! Nothing here starts by itself: where the environment names no server, [`postgres`] and
//! [`mariadb`] return `None`, say so on stderr, and the test ends early. With `CI=true` that is a
//! failure instead.
//!
//! ```
//! use migrate_tests::server;
//!
//! let Some(server) = server::sqlite() else { return };
//! let database = server.database("quick start");
//! database.sql("CREATE TABLE books (title TEXT); INSERT INTO books VALUES ('Emma')");
//! assert_eq!(database.sql("SELECT title FROM books"), "Emma");
//! ```

mod database;
mod engine;
mod left_out;
mod pgbouncer;
mod private;
mod process;
mod proxy;
mod schema_dump;
mod shared;
mod url;

pub use database::{Database, TestDatabase};
pub use engine::Engine;
pub use left_out::left_out;
pub use pgbouncer::PgBouncer;
pub use private::PrivateServer;
pub use proxy::Proxy;
pub use schema_dump::MIGRATION_TABLES;
pub use shared::{Server, all, mariadb, postgres, remote, sqlite};
