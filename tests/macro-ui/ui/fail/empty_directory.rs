migrate_runtime::embed_migrations!("migrations/empty-directory", dialect = sqlite);

fn main() {}
