migrate_runtime::embed_migrations!("migrations/allow-of-unknown-rule", dialect = sqlite);

fn main() {}
