use migrate_runtime::CodeError;
use migrate_runtime::diesel::connection::LoadConnection;
use migrate_runtime::diesel::pg::Pg;

pub fn up<C: LoadConnection<Backend = Pg>>(_: &mut C) -> Result<(), CodeError> {
    Ok(())
}
