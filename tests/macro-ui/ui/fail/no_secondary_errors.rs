use migrate_runtime::diesel::SqliteConnection;

migrate_runtime::embed_migrations!("migrations/no-secondary-errors", dialect = sqlite);

fn main() {
    use migrate_runtime::diesel::Connection;
    let mut conn = SqliteConnection::establish(":memory:").unwrap();
    migrations::MIGRATIONS.run(&mut conn).unwrap();
    migrations::users::down(&mut conn).unwrap();
    migrations::MIGRATIONS.revert_to(&mut conn, migrations::Version::Users).unwrap();
}
