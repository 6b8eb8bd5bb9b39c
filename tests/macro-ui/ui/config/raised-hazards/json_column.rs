#![deny(deprecated)]

migrate_runtime::embed_migrations!("migrations/raised-json-column");

fn main() {}
