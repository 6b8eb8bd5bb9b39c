#![deny(deprecated)]

migrate_runtime::embed_migrations!("migrations/warning-empty-up", dialect = sqlite);

fn main() {}
