migrate_runtime::embed_migrations!("migrations/metadata-not-toml", dialect = sqlite);

fn main() {}
