#![deny(deprecated)]

migrate_runtime::embed_migrations!("migrations/raised-naive-timestamp");

fn main() {}
