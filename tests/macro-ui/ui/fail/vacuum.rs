migrate_runtime::embed_migrations!("migrations/vacuum", dialect = sqlite);

fn main() {}
