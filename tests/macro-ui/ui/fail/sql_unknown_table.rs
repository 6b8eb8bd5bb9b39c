migrate_runtime::embed_migrations!("migrations/sql-unknown-table", dialect = postgres);

fn main() {}
