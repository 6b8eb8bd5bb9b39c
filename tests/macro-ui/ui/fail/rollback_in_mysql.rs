migrate_runtime::embed_migrations!("migrations/rollback-in-mysql", dialect = mysql);

fn main() {}
