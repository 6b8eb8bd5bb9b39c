#![deny(deprecated)]

migrate_runtime::embed_migrations!("migrations/raised-schema-lacks-table", schema = "schemas/empty.rs");

fn main() {}
