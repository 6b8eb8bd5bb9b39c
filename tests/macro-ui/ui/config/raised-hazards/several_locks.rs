#![deny(deprecated)]

migrate_runtime::embed_migrations!("migrations/raised-several-locks");

fn main() {}
