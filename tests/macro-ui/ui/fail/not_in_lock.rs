migrate_runtime::embed_migrations!("migrations/not-in-lock", dialect = sqlite);

fn main() {}
