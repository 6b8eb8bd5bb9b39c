#![deny(deprecated)]

migrate_runtime::embed_migrations!("migrations/raised-locking-drop-index");

fn main() {}
