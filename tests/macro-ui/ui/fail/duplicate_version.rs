migrate_runtime::embed_migrations!("migrations/duplicate-version", dialect = sqlite);

fn main() {}
