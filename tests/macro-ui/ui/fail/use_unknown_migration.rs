use migrate_runtime::diesel::SqliteConnection;

migrate_runtime::embed_migrations!("migrations/good", dialect = sqlite);

fn apply(conn: &mut SqliteConnection) {
    let _ = migrations::usres::up(conn);
}

fn main() {}
