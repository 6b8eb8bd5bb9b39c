migrate_runtime::embed_migrations!("migrations/good", dialect = 3);

fn main() {}
