migrate_runtime::embed_migrations!("migrations/unknown-file", dialect = sqlite);

fn main() {}
