#![deny(deprecated)]

migrate_runtime::embed_migrations!("migrations/warning-not-reverted", dialect = postgres);

fn main() {}
