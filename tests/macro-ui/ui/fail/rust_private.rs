migrate_runtime::embed_migrations!("migrations/rust-private", dialect = sqlite);

fn main() {}
