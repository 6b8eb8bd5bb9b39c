//! `bench-refinery each|all|again FILE`: prints how many microseconds the migrations took.

use std::time::Instant;

use rusqlite::Connection;

refinery::embed_migrations!("migrations");

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let mut conn = Connection::open(&arguments[2]).unwrap();
    // SQLite reads the schema with the first query, whatever that is.
    conn.execute_batch("SELECT 1 FROM sqlite_master").unwrap();
    let runner = migrations::runner().set_grouped(arguments[1] == "all");
    let begun = Instant::now();
    let report = runner.run(&mut conn).unwrap();
    let took = begun.elapsed().as_micros();
    let applied = report.applied_migrations().len();
    assert_eq!(arguments[1] == "again", applied == 0);
    println!("{took}");
}
