migrate_runtime::embed_migrations!("migrations/lock-tampered", dialect = sqlite);

fn main() {}
