migrate_runtime::embed_migrations!("migrations/edited-frozen", dialect = sqlite);

fn main() {}
