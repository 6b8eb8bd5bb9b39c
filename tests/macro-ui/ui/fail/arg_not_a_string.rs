migrate_runtime::embed_migrations!(migrations/good, dialect = sqlite);

fn main() {}
