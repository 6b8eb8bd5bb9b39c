migrate_runtime::embed_migrations!("migrations/sql-duplicate", dialect = postgres);

fn main() {}
