migrate_runtime::embed_migrations!("migrations/directory-is-file", dialect = sqlite);

fn main() {}
