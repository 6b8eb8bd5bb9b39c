migrate_runtime::embed_migrations!("migrations/rust-without-down", dialect = sqlite);

fn main() {}
