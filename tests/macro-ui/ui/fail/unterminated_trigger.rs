migrate_runtime::embed_migrations!("migrations/unterminated-trigger", dialect = sqlite);

fn main() {}
