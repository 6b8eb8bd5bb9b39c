migrate_runtime::embed_migrations!("migrations/rust-bad-error", dialect = sqlite);

fn main() {}
