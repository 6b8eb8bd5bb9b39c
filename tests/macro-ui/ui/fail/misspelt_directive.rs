migrate_runtime::embed_migrations!("migrations/misspelt-directive", dialect = sqlite);

fn main() {}
