use migrate_runtime::CodeError;
use migrate_runtime::diesel::connection::LoadConnection;
use migrate_runtime::diesel::sqlite::Sqlite;

fn up<C: LoadConnection<Backend = Sqlite>>(_: &mut C) -> Result<(), CodeError> {
    Ok(())
}
