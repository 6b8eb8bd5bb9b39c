migrate_runtime::embed_migrations!("migrations/good");

fn main() {}
