migrate_runtime::embed_migrations!("migrations/string-mode", dialect = postgres);

fn main() {}
