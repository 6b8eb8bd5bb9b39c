#![deny(deprecated)]

migrate_runtime::embed_migrations!("migrations/hazard-rewriting-column", dialect = postgres);

fn main() {}
