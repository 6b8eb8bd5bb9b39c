//! How many rows a second one connection digests.

use diesel::mysql::Mysql;
use diesel::pg::Pg;
use diesel::sqlite::Sqlite;
use migrate_ops::connect::{self, DatabaseUrl, Open, runtime};
use migrate_ops::digest::{Selection, digest};

use super::clock::{Cost, ServerProcess};
use super::pairs::median;
use super::wide;
use crate::server::{Engine, Server};

const ROWS: usize = 600_000;

/// The head of the table.
pub const HEAD: &str = "| digest of 12 columns of 200 bytes in all | rows/s | rows/s of processor time | target |\n|---|---|---|---|";

/// A line of the table.
#[must_use]
pub fn measure(server: &Server, rounds: usize) -> String {
    let database = server.database("overhead_digest");
    wide::fill(&database, ROWS);
    let process = ServerProcess::of(&database);
    let costs: Vec<Cost> = (0..rounds)
        .map(|_| {
            process
                .cost(|| match server.engine() {
                    Engine::Postgres => read::<Pg>(database.url()),
                    Engine::Mariadb => read::<Mysql>(database.url()),
                    Engine::Sqlite => read::<Sqlite>(database.url()),
                })
                .0
        })
        .collect();
    let rate = |of: &dyn Fn(&Cost) -> f64| ROWS as f64 / median(costs.iter().map(of));
    let target = match server.engine() {
        Engine::Sqlite => "",
        _ => "≥ 300,000",
    };
    format!(
        "| {} | {:.0} | {:.0} | {target} |",
        server.engine(),
        rate(&|cost| cost.wall.as_secs_f64()),
        rate(&|cost| cost.processor.as_secs_f64())
    )
}

fn read<DB: connect::Engine>(url: &str) {
    let runtime = runtime().expect("a runtime");
    let url = DatabaseUrl::parse(url).expect("a URL");
    let connected = DB::connect(&url, Open::Existing, &runtime);
    let mut conn = connected.expect("a connection").connection;
    let table = match DB::DIALECT {
        migrate_core::Dialect::Postgres => "public.wide",
        _ => "wide",
    };
    let found = digest::<DB, _>(&mut conn, &Selection::tables([table])).expect("a digest");
    assert_eq!(found.rows(), ROWS as u64);
}
