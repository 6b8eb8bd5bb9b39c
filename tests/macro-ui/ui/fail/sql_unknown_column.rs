migrate_runtime::embed_migrations!("migrations/sql-unknown-column", dialect = postgres);

fn main() {}
