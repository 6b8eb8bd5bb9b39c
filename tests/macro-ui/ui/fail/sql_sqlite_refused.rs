migrate_runtime::embed_migrations!("migrations/sql-sqlite-refused", dialect = sqlite);

fn main() {}
