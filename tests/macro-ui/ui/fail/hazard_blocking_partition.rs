#![deny(deprecated)]

migrate_runtime::embed_migrations!("migrations/hazard-blocking-partition", dialect = postgres);

fn main() {}
