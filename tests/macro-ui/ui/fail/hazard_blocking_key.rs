#![deny(deprecated)]

migrate_runtime::embed_migrations!("migrations/hazard-blocking-key", dialect = postgres);

fn main() {}
