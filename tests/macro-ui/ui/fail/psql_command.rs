migrate_runtime::embed_migrations!("migrations/psql-command", dialect = postgres);

fn main() {}
