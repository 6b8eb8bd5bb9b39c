migrate_runtime::embed_migrations!("migrations/lock-conflict", dialect = sqlite);

fn main() {}
