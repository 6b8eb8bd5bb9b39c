migrate_runtime::embed_migrations!("migrations/sql-sqlite-syntax", dialect = sqlite);

fn main() {}
