migrate_runtime::embed_migrations!("migrations/rust-unbalanced", dialect = sqlite);

fn main() {}
