//! `bench-sqlx each|again FILE`: prints how many microseconds the migrations took. It has no way to
//! apply all in one transaction.

use std::time::Instant;

use sqlx::{Connection, SqliteConnection};

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let url = format!("sqlite://{}?mode=rwc", arguments[2]);
        let mut conn = SqliteConnection::connect(&url).await.unwrap();
        // SQLite reads the schema with the first query, whatever that is.
        sqlx::query("SELECT 1 FROM sqlite_master").fetch_all(&mut conn).await.unwrap();
        let migrations = sqlx::migrate!("./migrations");
        let begun = Instant::now();
        migrations.run(&mut conn).await.unwrap();
        println!("{}", begun.elapsed().as_micros());
    });
}
