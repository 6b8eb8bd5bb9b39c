migrate_runtime::embed_migrations!("migrations/dangling-link", dialect = sqlite);

fn main() {}
