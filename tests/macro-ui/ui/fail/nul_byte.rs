migrate_runtime::embed_migrations!("migrations/nul-byte", dialect = sqlite);

fn main() {}
