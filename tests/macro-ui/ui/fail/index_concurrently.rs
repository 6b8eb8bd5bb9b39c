migrate_runtime::embed_migrations!("migrations/index-concurrently", dialect = postgres);

fn main() {}
