#![deny(deprecated)]

migrate_runtime::embed_migrations!("migrations/raised-mixed-version-lengths");

fn main() {}
