use migrate_runtime::diesel::{QueryResult, SqliteConnection};

pub fn up(_: &mut SqliteConnection) -> QueryResult<()> {
    Ok(())
}
