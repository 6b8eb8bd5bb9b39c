//! A diesel connection over tokio-postgres that gives no statement a name.
//!
//! diesel-async's connection prepares every statement under a name first. Behind a transaction
//! pooler the name may meet another server session, or a statement of another client that has the
//! same one; here each statement goes out in one piece, unnamed, so that every way to the server
//! works alike.

use std::error::Error as _;

use diesel::connection::{
    AnsiTransactionManager, CacheSize, Connection, ConnectionSealed, DynInstrumentation,
    Instrumentation, LoadConnection, SimpleConnection, TransactionManager,
};
use diesel::pg::{GetPgMetadataCache, Pg, PgMetadataCache};
use diesel::query_builder::bind_collector::RawBytesBindCollector;
use diesel::query_builder::{Query, QueryBuilder, QueryFragment, QueryId};
use diesel::result::{
    ConnectionError, ConnectionResult, DatabaseErrorInformation, DatabaseErrorKind, Error,
    QueryResult,
};
use tokio_postgres::error::{DbError, ErrorPosition, SqlState};
use tokio_postgres::types::{IsNull, Kind, ToSql, Type, to_sql_checked};
use tokio_postgres::{CancelToken, Client};

use super::driver::Driver;
use super::row::PgRow;

/// A connection to PostgreSQL.
pub struct PgConnection {
    /// Dropped before the driver, which then sends its goodbye.
    client: Client,
    driver: Driver,
    transactions: AnsiTransactionManager,
    types: PgMetadataCache,
    instrumentation: DynInstrumentation,
}

impl PgConnection {
    /// Sets what diesel sets on every connection.
    pub(super) fn new(client: Client, driver: Driver) -> QueryResult<Self> {
        let mut connection = PgConnection {
            client,
            driver,
            transactions: AnsiTransactionManager::default(),
            types: PgMetadataCache::new(),
            instrumentation: DynInstrumentation::none(),
        };
        connection.batch_execute("SET TIME ZONE 'UTC'; SET CLIENT_ENCODING TO 'UTF8'")?;
        Ok(connection)
    }

    pub(super) fn cancel_token(&self) -> CancelToken {
        self.client.cancel_token()
    }

    /// The text of a query and its values.
    fn prepared<T>(&mut self, source: &T) -> QueryResult<(String, Vec<(Value, Type)>)>
    where
        T: QueryFragment<Pg>,
    {
        let mut builder = diesel::pg::PgQueryBuilder::default();
        source.to_sql(&mut builder, &Pg)?;
        let mut binds = RawBytesBindCollector::<Pg>::new();
        source.collect_binds(&mut binds, self, &Pg)?;
        let values = binds
            .binds
            .into_iter()
            .zip(binds.metadata)
            .map(|(value, metadata)| {
                let oid = metadata
                    .oid()
                    .map_err(|error| Error::SerializationError(error.into()))?;
                // Only the number matters: the bytes are in the server's format already.
                let other = || Type::new(String::new(), oid, Kind::Simple, String::new());
                Ok((Value(value), Type::from_oid(oid).unwrap_or_else(other)))
            });
        Ok((builder.finish(), values.collect::<QueryResult<_>>()?))
    }

    /// Translates an error, and tells the transaction manager what it has to know of it.
    fn failed(&mut self, error: &tokio_postgres::Error) -> Error {
        // A closed connection says no more than that; why, its driver was told.
        let error = match self.driver.closed() {
            Some(reason) if error.is_closed() => reason,
            _ => error,
        };
        let Some(answer) = error.as_db_error() else {
            let mut text = error.to_string();
            let mut cause = error.source();
            while let Some(error) = cause {
                text = format!("{text}: {error}");
                cause = error.source();
            }
            return Error::DatabaseError(DatabaseErrorKind::UnableToSendCommand, Box::new(text));
        };
        let kind = kind(answer.code());
        let answer = Answer(answer.clone());
        if matches!(kind, DatabaseErrorKind::SerializationFailure) {
            AnsiTransactionManager::transaction_manager_status_mut(self)
                .set_requires_rollback_maybe_up_to_top_level(true);
        }
        Error::DatabaseError(kind, Box::new(answer))
    }
}

fn kind(code: &SqlState) -> DatabaseErrorKind {
    use DatabaseErrorKind as K;
    match *code {
        SqlState::UNIQUE_VIOLATION => K::UniqueViolation,
        SqlState::FOREIGN_KEY_VIOLATION => K::ForeignKeyViolation,
        SqlState::RESTRICT_VIOLATION => K::RestrictViolation,
        SqlState::EXCLUSION_VIOLATION => K::ExclusionViolation,
        SqlState::NOT_NULL_VIOLATION => K::NotNullViolation,
        SqlState::CHECK_VIOLATION => K::CheckViolation,
        SqlState::T_R_SERIALIZATION_FAILURE => K::SerializationFailure,
        SqlState::READ_ONLY_SQL_TRANSACTION => K::ReadOnlyTransaction,
        _ => K::Unknown,
    }
}

impl ConnectionSealed for PgConnection {}

impl SimpleConnection for PgConnection {
    fn batch_execute(&mut self, query: &str) -> QueryResult<()> {
        let done = self.driver.wait(self.client.batch_execute(query));
        done.map_err(|error| self.failed(&error))
    }
}

impl Connection for PgConnection {
    type Backend = Pg;
    type TransactionManager = AnsiTransactionManager;

    /// Not this way: TLS needs more than a URL.
    fn establish(_: &str) -> ConnectionResult<Self> {
        let text = "this connection is made by the command, from a URL that it understands";
        Err(ConnectionError::BadConnection(text.to_owned()))
    }

    fn execute_returning_count<T>(&mut self, source: &T) -> QueryResult<usize>
    where
        T: QueryFragment<Pg> + QueryId,
    {
        let (sql, values) = self.prepared(source)?;
        let count = self
            .driver
            .wait(self.client.execute_typed(&sql, &references(&values)));
        let count = count.map_err(|error| self.failed(&error))?;
        usize::try_from(count).map_err(|error| Error::DeserializationError(error.into()))
    }

    fn transaction_state(&mut self) -> &mut AnsiTransactionManager {
        &mut self.transactions
    }

    fn instrumentation(&mut self) -> &mut dyn Instrumentation {
        &mut *self.instrumentation
    }

    fn set_instrumentation(&mut self, instrumentation: impl Instrumentation) {
        self.instrumentation = instrumentation.into();
    }

    /// There is no cache, because nothing is prepared.
    fn set_prepared_statement_cache_size(&mut self, _: CacheSize) {}
}

impl LoadConnection for PgConnection {
    type Cursor<'conn, 'query> = std::vec::IntoIter<QueryResult<PgRow>>;
    type Row<'conn, 'query> = PgRow;

    fn load<'conn, 'query, T>(
        &'conn mut self,
        source: T,
    ) -> QueryResult<Self::Cursor<'conn, 'query>>
    where
        T: Query + QueryFragment<Pg> + QueryId + 'query,
    {
        let (sql, values) = self.prepared(&source)?;
        let rows = self
            .driver
            .wait(self.client.query_typed(&sql, &references(&values)));
        let rows = rows.map_err(|error| self.failed(&error))?;
        let rows: Vec<_> = rows.into_iter().map(|row| Ok(PgRow(row))).collect();
        Ok(rows.into_iter())
    }
}

impl GetPgMetadataCache for PgConnection {
    fn get_metadata_cache(&mut self) -> &mut PgMetadataCache {
        &mut self.types
    }
}

/// A value in the server's binary format.
#[derive(Debug)]
struct Value(Option<Vec<u8>>);

fn references(values: &[(Value, Type)]) -> Vec<(&(dyn ToSql + Sync), Type)> {
    values
        .iter()
        .map(|(value, of)| (value as &(dyn ToSql + Sync), of.clone()))
        .collect()
}

impl ToSql for Value {
    fn to_sql(
        &self,
        _: &Type,
        out: &mut bytes::BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        let Some(bytes) = &self.0 else {
            return Ok(IsNull::Yes);
        };
        out.extend_from_slice(bytes);
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// What the server said about an error.
struct Answer(DbError);

impl DatabaseErrorInformation for Answer {
    fn message(&self) -> &str {
        self.0.message()
    }

    fn details(&self) -> Option<&str> {
        self.0.detail()
    }

    fn hint(&self) -> Option<&str> {
        self.0.hint()
    }

    fn table_name(&self) -> Option<&str> {
        self.0.table()
    }

    fn column_name(&self) -> Option<&str> {
        self.0.column()
    }

    fn constraint_name(&self) -> Option<&str> {
        self.0.constraint()
    }

    fn statement_position(&self) -> Option<i32> {
        let (ErrorPosition::Original(position) | ErrorPosition::Internal { position, .. }) =
            self.0.position()?;
        i32::try_from(*position).ok()
    }
}
