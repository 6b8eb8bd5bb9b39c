migrate_runtime::embed_migrations!("migrations/sql-unknown-type", dialect = postgres);

fn main() {}
