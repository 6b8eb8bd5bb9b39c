migrate_runtime::embed_migrations!("migrations/sql-keyword", dialect = postgres);

fn main() {}
