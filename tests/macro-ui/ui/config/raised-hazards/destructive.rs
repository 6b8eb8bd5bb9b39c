#![deny(deprecated)]

migrate_runtime::embed_migrations!("migrations/raised-destructive");

fn main() {}
