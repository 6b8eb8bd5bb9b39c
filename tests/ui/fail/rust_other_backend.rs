migrate_runtime::embed_migrations!("migrations/rust-other-backend", dialect = sqlite);

fn main() {}
