migrate_runtime::embed_migrations!("migrations/unterminated-comment", dialect = sqlite);

fn main() {}
