use migrate_runtime::diesel::SqliteConnection;

migrate_runtime::embed_migrations!("migrations/good", dialect = sqlite);

fn revert(conn: &mut SqliteConnection) {
    let _ = migrations::drop_legacy::down(conn);
}

fn main() {}
