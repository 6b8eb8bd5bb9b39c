migrate_runtime::embed_migrations!("migrations/metadata-wrong-type", dialect = sqlite);

fn main() {}
