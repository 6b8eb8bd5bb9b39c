migrate_runtime::embed_migrations!("migrations/sqlite-command", dialect = sqlite);

fn main() {}
