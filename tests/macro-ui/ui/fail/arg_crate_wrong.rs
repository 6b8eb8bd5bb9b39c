migrate_runtime::embed_migrations!("migrations/good", dialect = sqlite, crate = ::migrate_runtim);

fn main() {}
