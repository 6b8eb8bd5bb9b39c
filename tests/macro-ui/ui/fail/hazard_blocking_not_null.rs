#![deny(deprecated)]

migrate_runtime::embed_migrations!("migrations/hazard-blocking-not-null", dialect = postgres);

fn main() {}
