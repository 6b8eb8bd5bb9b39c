migrate_runtime::embed_migrations!("migrations/sql-mysql-column", dialect = mysql);

fn main() {}
