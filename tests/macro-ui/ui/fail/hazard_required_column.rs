#![deny(deprecated)]

migrate_runtime::embed_migrations!("migrations/hazard-required-column", dialect = postgres);

fn main() {}
