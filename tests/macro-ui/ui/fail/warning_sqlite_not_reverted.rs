#![deny(deprecated)]

migrate_runtime::embed_migrations!("migrations/warning-sqlite-not-reverted", dialect = sqlite);

fn main() {}
