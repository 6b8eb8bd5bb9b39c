migrate_runtime::embed_migrations!("migrations/many-findings", dialect = sqlite);

fn main() {}
