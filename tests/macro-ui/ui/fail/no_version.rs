migrate_runtime::embed_migrations!("migrations/no-version", dialect = sqlite);

fn main() {}
