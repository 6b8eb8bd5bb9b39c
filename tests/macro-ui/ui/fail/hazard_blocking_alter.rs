#![deny(deprecated)]

migrate_runtime::embed_migrations!("migrations/hazard-blocking-alter", dialect = mysql);

fn main() {}
