migrate_runtime::embed_migrations!("migrations/upper-case-file", dialect = sqlite);

fn main() {}
