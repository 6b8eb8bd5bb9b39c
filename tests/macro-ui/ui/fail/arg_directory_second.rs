migrate_runtime::embed_migrations!(dialect = sqlite, "migrations/good");

fn main() {}
