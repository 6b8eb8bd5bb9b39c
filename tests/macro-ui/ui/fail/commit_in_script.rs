migrate_runtime::embed_migrations!("migrations/commit-in-script", dialect = postgres);

fn main() {}
