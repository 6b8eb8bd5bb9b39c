#![deny(deprecated)]

migrate_runtime::embed_migrations!("migrations/hazard-rewriting-table", dialect = postgres);

fn main() {}
