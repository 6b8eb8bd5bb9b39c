migrate_runtime::embed_migrations!("migrations/good", dialect = oracle);

fn main() {}
