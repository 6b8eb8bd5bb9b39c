migrate_runtime::embed_migrations!("migrations/good", dialect = sqlite, schema = "schemas/none.rs");

fn main() {}
