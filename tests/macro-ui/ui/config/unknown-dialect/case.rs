migrate_runtime::embed_migrations!();

fn main() {}
