use migrate_runtime::diesel::QueryResult;
use migrate_runtime::diesel::connection::LoadConnection;
use migrate_runtime::diesel::sqlite::Sqlite;

pub fn down(conn: &mut impl LoadConnection<Backend = Sqlite>) -> QueryResult<()> {
    conn.batch_execute("UPDATE users SET name = 'left by rust'")
}
