migrate_runtime::embed_migrations!("migrations/sql-unknown-object", dialect = postgres);

fn main() {}
