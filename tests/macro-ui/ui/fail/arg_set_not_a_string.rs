migrate_runtime::embed_migrations!("migrations/good", set = analytics);

fn main() {}
