#![deny(deprecated)]

migrate_runtime::embed_migrations!("migrations/hazard-losing-rebuild", dialect = sqlite);

fn main() {}
