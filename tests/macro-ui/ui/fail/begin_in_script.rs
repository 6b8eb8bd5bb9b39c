migrate_runtime::embed_migrations!("migrations/begin-in-script", dialect = sqlite);

fn main() {}
