use migrate_runtime::diesel::connection::LoadConnection;
use migrate_runtime::diesel::sqlite::Sqlite;

pub fn up<C: LoadConnection<Backend = Sqlite>>(_: &mut C) -> Result<(), i32> {
    Err(5)
}
