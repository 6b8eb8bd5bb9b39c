#![deny(deprecated)]

migrate_runtime::embed_migrations!("migrations/raised-long-write", dialect = sqlite);

fn main() {}
