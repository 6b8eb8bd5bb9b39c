migrate_runtime::embed_migrations!("migrations/unterminated-identifier", dialect = sqlite);

fn main() {}
