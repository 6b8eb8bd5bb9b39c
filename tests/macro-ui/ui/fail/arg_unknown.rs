migrate_runtime::embed_migrations!("migrations/good", dialetc = sqlite);

fn main() {}
