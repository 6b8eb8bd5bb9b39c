use migrate_runtime::diesel::connection::LoadConnection;
use migrate_runtime::diesel::sqlite::Sqlite;

pub fn up<C>(_: &mut C) -> Result<usize, &'static str>
where
    C: LoadConnection<Backend = Sqlite>,
{
    Err("no more users")
}
