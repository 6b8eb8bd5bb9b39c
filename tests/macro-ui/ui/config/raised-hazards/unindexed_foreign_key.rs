#![deny(deprecated)]

migrate_runtime::embed_migrations!("migrations/raised-unindexed-foreign-key");

fn main() {}
