#![deny(deprecated)]

migrate_runtime::embed_migrations!("migrations/hazard-dangling-foreign-key", dialect = sqlite);

fn main() {}
