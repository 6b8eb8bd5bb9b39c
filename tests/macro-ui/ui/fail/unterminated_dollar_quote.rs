migrate_runtime::embed_migrations!("migrations/unterminated-dollar-quote", dialect = postgres);

fn main() {}
