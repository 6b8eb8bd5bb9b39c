migrate_runtime::embed_migrations!("migrations/irreversible-without-reason", dialect = sqlite);

fn main() {}
