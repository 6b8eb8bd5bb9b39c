migrate_runtime::embed_migrations!("migrations/no-up", dialect = sqlite);

fn main() {}
