migrate_runtime::embed_migrations!("migrations/good", dialect = sqlite, crate = "x");

fn main() {}
