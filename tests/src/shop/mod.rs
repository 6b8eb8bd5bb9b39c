//! A shop's database: some twenty tables with keys, indexes, sequences, views, triggers, routines,
//! Unicode, NULLs, binary, JSON, floats and dates at their edges, in the dialect of each engine
//! (`tests/shop`). Its first migration makes it; the ones after it are pending.

mod load;

use std::path::{Path, PathBuf};

use crate::server::{Database, Engine};

pub use load::{Load, Outcome};

/// The version that makes the shop; later ones are pending.
pub const FIRST: &str = "20260101000000";

/// The migrations of an engine's shop.
#[must_use]
pub fn migrations(engine: Engine) -> PathBuf {
    folder(engine).join("migrations")
}

/// Fills a shop whose first migration is applied, with about `thousands` × 1,000 rows.
///
/// # Panics
/// Where the database refuses.
pub fn fill(database: &Database, thousands: usize) {
    let path = folder(database.engine()).join("fill.sql");
    let sql = std::fs::read_to_string(&path).expect("the shop's data");
    let sql = sql
        .replace("@SCALE@", &thousands.to_string())
        .replace("@CUSTOMERS@", &(50 * thousands).to_string())
        .replace("@ORDERS@", &(200 * thousands).to_string())
        .replace("@EVENTS@", &(100 * thousands).to_string());
    database.sql(&sql);
}

fn folder(engine: Engine) -> PathBuf {
    let name = match engine {
        Engine::Postgres => "postgres",
        Engine::Mariadb => "mariadb",
        Engine::Sqlite => "sqlite",
    };
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("shop")
        .join(name)
}
