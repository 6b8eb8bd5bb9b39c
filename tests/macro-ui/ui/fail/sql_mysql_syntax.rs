migrate_runtime::embed_migrations!("migrations/sql-mysql-syntax", dialect = mysql);

fn main() {}
