migrate_runtime::embed_migrations!("migrations/metadata-unknown-key", dialect = sqlite);

fn main() {}
