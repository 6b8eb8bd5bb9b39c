migrate_runtime::embed_migrations!("migrations/lock-garbage", dialect = sqlite);

fn main() {}
