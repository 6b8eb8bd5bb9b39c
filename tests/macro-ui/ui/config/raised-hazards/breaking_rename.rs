#![deny(deprecated)]

migrate_runtime::embed_migrations!("migrations/raised-breaking-rename");

fn main() {}
