use migrate_runtime::diesel::SqliteConnection;

migrate_runtime::embed_migrations!("migrations/good", dialect = mysql);

fn apply(conn: &mut SqliteConnection) {
    let _ = migrations::users::up(conn);
}

fn main() {}
