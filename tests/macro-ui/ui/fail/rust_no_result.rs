migrate_runtime::embed_migrations!("migrations/rust-no-result", dialect = sqlite);

fn main() {}
