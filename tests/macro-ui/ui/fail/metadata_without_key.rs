migrate_runtime::embed_migrations!("migrations/metadata-without-key", dialect = sqlite);

fn main() {}
