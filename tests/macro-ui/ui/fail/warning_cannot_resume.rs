#![deny(deprecated)]

migrate_runtime::embed_migrations!("migrations/warning-cannot-resume", dialect = mysql);

fn main() {}
