migrate_runtime::embed_migrations!("migrations/lock-without-file", dialect = sqlite);

fn main() {}
