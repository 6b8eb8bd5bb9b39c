#![deny(deprecated)]

migrate_runtime::embed_migrations!("migrations/raised-newer-than-server");

fn main() {}
