//! What a live database says of mutants.
//!
//! A mutant is *broken* where one of its scripts fails, up to and including the last migration that
//! is different and that one's way down, or where that migration no longer leads back to the schema
//! before it although it did without the mistake. The order of columns is no part of the schema
//! here: nearly no down script restores it.

mod cache;
mod judge;
mod mariadb;
mod postgres;
mod sqlite;
mod stage;

pub use cache::Cache;
pub use judge::{Judge, Verdict};
pub use stage::{Facts, Failure, Stage, Trial};

use migrate_core::Dialect;

use crate::server;

/// A server's empty database to try migrations in; `None`, said on stderr, where there is no server.
#[must_use]
pub fn stage(dialect: Dialect) -> Option<Box<dyn Stage>> {
    Some(match dialect {
        Dialect::Postgres => Box::new(postgres::PostgresStage::new(server::postgres()?)),
        Dialect::Mysql => Box::new(mariadb::MariadbStage::new(server::mariadb()?)),
        Dialect::Sqlite => Box::new(sqlite::SqliteStage::new()),
        _ => return None,
    })
}
