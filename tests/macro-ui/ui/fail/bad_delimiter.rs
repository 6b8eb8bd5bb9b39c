migrate_runtime::embed_migrations!("migrations/bad-delimiter", dialect = mysql);

fn main() {}
