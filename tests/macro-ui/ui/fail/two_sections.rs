migrate_runtime::embed_migrations!("migrations/two-sections", dialect = sqlite);

fn main() {}
