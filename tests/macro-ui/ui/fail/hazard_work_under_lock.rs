#![deny(deprecated)]

migrate_runtime::embed_migrations!("migrations/hazard-work-under-lock", dialect = postgres);

fn main() {}
