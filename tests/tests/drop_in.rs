//! The static that `embed_migrations!` makes, in diesel's own harness: what an app writes that
//! changes over from `diesel_migrations::embed_migrations!` and keeps the rest of its code.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

use diesel::Connection;
use diesel::connection::LoadConnection;
use diesel::sqlite::{Sqlite, SqliteConnection};
use diesel_async::async_connection_wrapper::AsyncConnectionWrapper;
use diesel_async::{AsyncMysqlConnection, AsyncPgConnection};
use diesel_migrations::{FileBasedMigrations, MigrationHarness};
use migrate_runtime::{Code, ErrorKind, Migrations};
use migrate_tests::server::{self, Database, Engine};

migrate_runtime::embed_migrations!("../examples/three-databases/migrations/postgres", dialect = postgres, mod = postgres);
migrate_runtime::embed_migrations!("../examples/three-databases/migrations/mysql", dialect = mysql, mod = mysql);
migrate_runtime::embed_migrations!("../examples/three-databases/migrations/sqlite", dialect = sqlite, mod = sqlite);
// diesel's own command wrote all but the second of these names.
migrate_runtime::embed_migrations!("embedded/dates", dialect = sqlite, mod = dates);
migrate_runtime::embed_migrations!("embedded/counted", dialect = sqlite, mod = counted);

/// What the history of diesel holds.
fn diesels(database: &Database) -> String {
    database.sql("SELECT version FROM __diesel_schema_migrations ORDER BY version")
}

fn has_visits(database: &Database) -> bool {
    database.try_sql("SELECT visitor FROM visits").is_ok()
}

/// An app's life: apply, nothing to do, revert, apply again, and then to our own door.
fn lives<DB, K, C>(database: &Database, address: &str, migrations: Migrations<DB, K>)
where
    DB: migrate_runtime::Database,
    K: Code<DB> + Copy,
    C: LoadConnection<Backend = DB> + MigrationHarness<DB>,
{
    let mut conn = C::establish(address).unwrap();
    assert!(conn.has_pending_migration(migrations).unwrap());
    let applied = conn.run_pending_migrations(migrations).unwrap();
    let applied: Vec<String> = applied.iter().map(ToString::to_string).collect();
    assert_eq!(applied, ["0001", "0002"]);
    assert_eq!(diesels(database), "0001\n0002");
    assert!(has_visits(database));
    assert!(!conn.has_pending_migration(migrations).unwrap());
    assert_eq!(conn.run_pending_migrations(migrations).unwrap().len(), 0);
    // Nothing of ours was written beside it.
    assert!(database.try_sql("SELECT 1 FROM _migrate_history").is_err());
    let reverted = conn.revert_last_migration(migrations).unwrap();
    assert_eq!(reverted.to_string(), "0002");
    assert_eq!(diesels(database), "0001");
    conn.revert_all_migrations(migrations).unwrap();
    assert!(!has_visits(database));
    conn.run_pending_migrations(migrations).unwrap();
    // Our own door asks to take diesel's history over, and applies nothing again.
    let error = migrations.run(&mut conn).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Foreign(_)), "{error:?}");
    migrations.migrator().adopt(&mut conn, None).unwrap();
    assert_eq!(migrations.run(&mut conn).unwrap().steps.len(), 0);
    let history = "SELECT version, state FROM _migrate_history ORDER BY sequence";
    assert_eq!(database.sql(history), "0001\tapplied\n0002\tapplied");
}

#[test]
fn on_postgres() {
    let Some(server) = server::postgres() else {
        return;
    };
    type Wrapper = AsyncConnectionWrapper<AsyncPgConnection>;
    let database = server.database("drop_in");
    lives::<_, _, Wrapper>(&database, database.url(), postgres::MIGRATIONS);
    #[cfg(feature = "native-clients")]
    {
        let database = server.database("drop_in");
        lives::<_, _, diesel::PgConnection>(&database, database.url(), postgres::MIGRATIONS);
    }
}

#[test]
fn on_mariadb() {
    let Some(server) = server::mariadb() else {
        return;
    };
    type Wrapper = AsyncConnectionWrapper<AsyncMysqlConnection>;
    let database = server.database("drop_in");
    lives::<_, _, Wrapper>(&database, database.url(), mysql::MIGRATIONS);
    #[cfg(feature = "native-clients")]
    {
        let database = server.database("drop_in");
        lives::<_, _, diesel::MysqlConnection>(&database, database.url(), mysql::MIGRATIONS);
    }
}

#[test]
fn on_sqlite() {
    let Some(server) = server::sqlite() else {
        return;
    };
    assert_eq!(server.engine(), Engine::Sqlite);
    let database = server.database("drop_in");
    lives::<Sqlite, _, SqliteConnection>(&database, database.name(), sqlite::MIGRATIONS);
}

#[test]
fn dates_of_all_lengths_are_in_diesels_order() {
    let mut theirs = SqliteConnection::establish(":memory:").unwrap();
    let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/embedded/dates");
    let files = FileBasedMigrations::from_path(directory).unwrap();
    let by_diesel = theirs.run_pending_migrations(files).unwrap();
    let by_diesel: Vec<String> = by_diesel.iter().map(ToString::to_string).collect();

    let mut through_the_harness = SqliteConnection::establish(":memory:").unwrap();
    let applied = through_the_harness.run_pending_migrations(dates::MIGRATIONS);
    let applied: Vec<String> = applied.unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(applied, by_diesel);

    let mut ours = SqliteConnection::establish(":memory:").unwrap();
    let report = dates::MIGRATIONS.run(&mut ours).unwrap();
    let applied: Vec<&str> = report.steps.iter().map(|it| it.version.as_str()).collect();
    assert_eq!(applied, by_diesel);

    // What diesel has applied is taken over, and nothing is out of order.
    dates::MIGRATIONS
        .migrator()
        .adopt(&mut theirs, None)
        .unwrap();
    assert_eq!(dates::MIGRATIONS.run(&mut theirs).unwrap().steps.len(), 0);
}

#[test]
fn numbers_that_diesel_would_order_otherwise_are_refused_in_its_harness() {
    let mut conn = SqliteConnection::establish(":memory:").unwrap();
    let refused = conn.run_pending_migrations(counted::MIGRATIONS);
    let message = refused.unwrap_err().to_string();
    assert!(message.contains("would run 10_b before 9_a"), "{message}");
    assert_eq!(counted::MIGRATIONS.run(&mut conn).unwrap().steps.len(), 2);
}
