//! `bench-ours each|all|again FILE`: prints how many microseconds the migrations took.

use std::time::Instant;

use diesel::prelude::*;
use migrate_runtime::Transactions;
use migrate_runtime::core::plan::UpTarget;

migrate_runtime::embed_migrations!("migrations", dialect = sqlite);

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let mut conn = SqliteConnection::establish(&arguments[2]).unwrap();
    // SQLite reads the schema with the first query, whatever that is.
    diesel::sql_query("SELECT 1 FROM sqlite_master")
        .execute(&mut conn)
        .unwrap();
    let mut migrator = migrations::MIGRATIONS.migrator();
    if arguments[1] == "all" {
        migrator.settings_mut().transactions = Transactions::All;
    }
    let begun = Instant::now();
    let report = migrator.up(&mut conn, &UpTarget::Latest).unwrap();
    let took = begun.elapsed().as_micros();
    assert_eq!(arguments[1] == "again", report.steps.is_empty());
    println!("{took}");
}
