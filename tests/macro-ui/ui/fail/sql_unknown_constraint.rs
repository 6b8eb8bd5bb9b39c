migrate_runtime::embed_migrations!("migrations/sql-unknown-constraint", dialect = postgres);

fn main() {}
