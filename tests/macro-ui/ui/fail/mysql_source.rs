migrate_runtime::embed_migrations!("migrations/mysql-source", dialect = mysql);

fn main() {}
