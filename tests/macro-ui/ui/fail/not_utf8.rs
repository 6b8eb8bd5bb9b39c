migrate_runtime::embed_migrations!("migrations/not-utf8", dialect = sqlite);

fn main() {}
