#![deny(deprecated)]

migrate_runtime::embed_migrations!("migrations/raised-char-column");

fn main() {}
