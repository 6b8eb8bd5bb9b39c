migrate_runtime::embed_migrations!("migrations/script-is-directory", dialect = sqlite);

fn main() {}
