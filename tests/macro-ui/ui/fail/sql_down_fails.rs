migrate_runtime::embed_migrations!("migrations/sql-down-fails", dialect = postgres);

fn main() {}
