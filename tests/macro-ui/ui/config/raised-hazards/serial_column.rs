#![deny(deprecated)]

migrate_runtime::embed_migrations!("migrations/raised-serial-column");

fn main() {}
