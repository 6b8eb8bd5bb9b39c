migrate_runtime::embed_migrations!("migrations/rust-without-up", dialect = sqlite);

fn main() {}
