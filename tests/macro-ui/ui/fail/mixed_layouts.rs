migrate_runtime::embed_migrations!("migrations/mixed-layouts", dialect = sqlite);

fn main() {}
