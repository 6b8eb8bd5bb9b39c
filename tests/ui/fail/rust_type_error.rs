migrate_runtime::embed_migrations!("migrations/rust-type-error", dialect = sqlite);

fn main() {}
