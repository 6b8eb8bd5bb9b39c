migrate_runtime::embed_migrations!("migrations/missing-directory", dialect = sqlite);

fn main() {}
