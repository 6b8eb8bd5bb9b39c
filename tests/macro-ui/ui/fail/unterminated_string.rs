migrate_runtime::embed_migrations!("migrations/unterminated-string", dialect = sqlite);

fn main() {}
