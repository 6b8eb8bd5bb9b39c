use migrate_runtime::diesel::SqliteConnection;

migrate_runtime::embed_migrations!("migrations/good", dialect = postgres);

fn apply(conn: &mut SqliteConnection) {
    let _ = migrations::MIGRATIONS.run(conn);
}

fn main() {}
