migrate_runtime::embed_migrations!(7, dialect = db2, mod = , sett = "a");

fn main() {}
