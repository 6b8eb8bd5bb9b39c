#![deny(deprecated)]

migrate_runtime::embed_migrations!("migrations/warning-missing-down");

fn main() {}
