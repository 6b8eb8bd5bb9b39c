migrate_runtime::embed_migrations!("migrations/good", set = "analitics");

fn main() {}
