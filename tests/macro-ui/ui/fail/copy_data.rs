migrate_runtime::embed_migrations!("migrations/copy-data", dialect = postgres);

fn main() {}
