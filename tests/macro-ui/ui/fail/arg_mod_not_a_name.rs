migrate_runtime::embed_migrations!("migrations/good", dialect = sqlite, mod = "db");

fn main() {}
