migrate_runtime::embed_migrations!("migrations/rust-one-connection-type", dialect = sqlite);

fn main() {}
