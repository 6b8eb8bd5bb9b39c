#![deny(deprecated)]

migrate_runtime::embed_migrations!("migrations/hazard-blocking-index", dialect = postgres);

fn main() {}
