#![deny(deprecated)]

migrate_runtime::embed_migrations!("migrations/raised-cascading-delete", dialect = sqlite);

fn main() {}
