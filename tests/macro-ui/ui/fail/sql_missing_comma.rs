migrate_runtime::embed_migrations!("migrations/sql-missing-comma", dialect = postgres);

fn main() {}
