migrate_runtime::embed_migrations!("migrations/misspelt-file", dialect = sqlite);

fn main() {}
