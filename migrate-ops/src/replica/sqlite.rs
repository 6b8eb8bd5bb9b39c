//! SQLite: a file has no replicas.

use diesel::QueryResult;
use diesel::connection::LoadConnection;
use diesel::sqlite::Sqlite;

use super::{Lag, Replicate};

impl Replicate for Sqlite {
    const RIGHT: &'static str = "nothing";

    fn lag<C: LoadConnection<Backend = Self>>(_: &mut C) -> QueryResult<Option<Lag>> {
        Ok(None)
    }
}
