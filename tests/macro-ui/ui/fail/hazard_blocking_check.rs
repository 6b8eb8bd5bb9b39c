#![deny(deprecated)]

migrate_runtime::embed_migrations!("migrations/hazard-blocking-check", dialect = postgres);

fn main() {}
