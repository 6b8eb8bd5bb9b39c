//! `bench-diesel each|all|again FILE`: prints how many microseconds the migrations took.

use std::time::Instant;

use diesel::prelude::*;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations");

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let mut conn = SqliteConnection::establish(&arguments[2]).unwrap();
    // SQLite reads the schema with the first query, whatever that is.
    diesel::sql_query("SELECT 1 FROM sqlite_master")
        .execute(&mut conn)
        .unwrap();
    let run = |conn: &mut SqliteConnection| {
        let applied = conn.run_pending_migrations(MIGRATIONS).unwrap();
        assert_eq!(arguments[1] == "again", applied.is_empty());
        QueryResult::Ok(())
    };
    let begun = Instant::now();
    match arguments[1].as_str() {
        // It has no setting for this; an app can wrap it by hand.
        "all" => conn.transaction(run).unwrap(),
        _ => run(&mut conn).unwrap(),
    }
    println!("{}", begun.elapsed().as_micros());
}
