migrate_runtime::embed_migrations!("migrations/good", dialect);

fn main() {}
