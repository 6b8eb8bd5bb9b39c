use migrate_runtime::diesel::SqliteConnection;

migrate_runtime::embed_migrations!("migrations/good", dialect = postgres);

use diesel_migrations::MigrationHarness;

fn apply(conn: &mut SqliteConnection) {
    let _ = conn.run_pending_migrations(migrations::MIGRATIONS);
}

fn main() {}
