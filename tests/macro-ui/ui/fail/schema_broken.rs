migrate_runtime::embed_migrations!("migrations/good", dialect = sqlite, schema = "schemas/broken.rs");

fn main() {}
