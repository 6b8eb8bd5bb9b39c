#![deny(deprecated)]

migrate_runtime::embed_migrations!("migrations/hazard-blocking-foreign-key", dialect = postgres);

fn main() {}
