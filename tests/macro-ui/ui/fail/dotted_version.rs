migrate_runtime::embed_migrations!("migrations/dotted-version", dialect = sqlite);

fn main() {}
