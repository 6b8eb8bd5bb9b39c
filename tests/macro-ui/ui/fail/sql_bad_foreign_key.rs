migrate_runtime::embed_migrations!("migrations/sql-bad-foreign-key", dialect = postgres);

fn main() {}
