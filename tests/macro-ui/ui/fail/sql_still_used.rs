migrate_runtime::embed_migrations!("migrations/sql-still-used", dialect = postgres);

fn main() {}
