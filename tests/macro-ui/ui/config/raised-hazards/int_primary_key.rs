#![deny(deprecated)]

migrate_runtime::embed_migrations!("migrations/raised-int-primary-key");

fn main() {}
