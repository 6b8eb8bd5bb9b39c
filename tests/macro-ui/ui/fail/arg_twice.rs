migrate_runtime::embed_migrations!("migrations/good", dialect = sqlite, dialect = mysql);

fn main() {}
