migrate_runtime::embed_migrations!("migrations/sql-unknown-column-in-query", dialect = postgres);

fn main() {}
