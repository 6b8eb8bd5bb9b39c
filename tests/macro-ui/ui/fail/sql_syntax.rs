migrate_runtime::embed_migrations!("migrations/sql-syntax", dialect = postgres);

fn main() {}
