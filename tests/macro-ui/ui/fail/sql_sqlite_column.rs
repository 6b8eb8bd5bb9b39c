migrate_runtime::embed_migrations!("migrations/sql-sqlite-column", dialect = sqlite);

fn main() {}
