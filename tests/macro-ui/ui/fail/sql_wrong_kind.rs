migrate_runtime::embed_migrations!("migrations/sql-wrong-kind", dialect = postgres);

fn main() {}
