migrate_runtime::embed_migrations!("migrations/sql-bad-definition", dialect = postgres);

fn main() {}
