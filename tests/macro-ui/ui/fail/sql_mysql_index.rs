migrate_runtime::embed_migrations!("migrations/sql-mysql-index", dialect = mysql);

fn main() {}
