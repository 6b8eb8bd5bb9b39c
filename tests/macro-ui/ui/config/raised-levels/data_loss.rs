#![deny(deprecated)]

migrate_runtime::embed_migrations!("migrations/raised-data-loss");

fn main() {}
