#![deny(deprecated)]

migrate_runtime::embed_migrations!("migrations/hazard-rewriting-type", dialect = postgres);

fn main() {}
