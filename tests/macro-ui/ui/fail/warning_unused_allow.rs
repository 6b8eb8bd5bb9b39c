#![deny(deprecated)]

migrate_runtime::embed_migrations!("migrations/warning-unused-allow", dialect = sqlite);

fn main() {}
