migrate_runtime::embed_migrations!("migrations/good", dialect = sqlite, schema = "schemas/differs.rs");

fn main() {}
