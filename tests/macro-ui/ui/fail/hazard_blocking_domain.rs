#![deny(deprecated)]

migrate_runtime::embed_migrations!("migrations/hazard-blocking-domain", dialect = postgres);

fn main() {}
