#![deny(deprecated)]

migrate_runtime::embed_migrations!("migrations/raised-draft");

fn main() {}
