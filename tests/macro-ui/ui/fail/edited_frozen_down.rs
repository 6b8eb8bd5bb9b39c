migrate_runtime::embed_migrations!("migrations/edited-frozen-down", dialect = sqlite);

fn main() {}
