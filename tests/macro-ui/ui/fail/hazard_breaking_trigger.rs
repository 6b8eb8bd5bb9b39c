#![deny(deprecated)]

migrate_runtime::embed_migrations!("migrations/hazard-breaking-trigger", dialect = sqlite);

fn main() {}
