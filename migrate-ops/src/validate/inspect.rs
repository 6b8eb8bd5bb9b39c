//! What validation needs of a database; one module a dialect behind it.

use std::time::Duration;

use diesel::QueryResult;
use diesel::connection::LoadConnection;
use diesel::mysql::Mysql;
use diesel::pg::Pg;
use diesel::sqlite::Sqlite;
use migrate_runtime::Database;

use super::catalogue::Catalogue;
use super::{mysql, postgres, sqlite};

/// A query of the system's own, or one of the user's, which may need its indexes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asker {
    /// The system's own: no index is trusted, and no row may be hidden.
    System,
    /// The user's.
    User,
}

/// A diesel backend that can be validated.
///
/// The trait is sealed through [`migrate_runtime::Database`].
pub trait Inspect: Database {
    /// Whether the rules of the schema are checked by queries that [`constraints`](super::constraints)
    /// writes. SQLite checks them itself.
    #[doc(hidden)]
    const QUERIES_CONSTRAINTS: bool = true;

    /// Whether NULL can get into a column that does not take it.
    #[doc(hidden)]
    const LOOKS_FOR_NULL: bool = false;

    /// Makes a session ready whose connection is used for nothing else.
    #[doc(hidden)]
    fn ready<C: LoadConnection<Backend = Self>>(conn: &mut C, timeout: Duration)
    -> QueryResult<()>;

    /// Makes a session ready that may write.
    #[doc(hidden)]
    fn ready_to_maintain<C: LoadConnection<Backend = Self>>(
        conn: &mut C,
        timeout: Duration,
    ) -> QueryResult<()>;

    /// Refreshes the statistics of a table; why it was not done, where it was not.
    #[doc(hidden)]
    fn analyze<C: LoadConnection<Backend = Self>>(
        conn: &mut C,
        schema: Option<&str>,
        table: &str,
    ) -> QueryResult<Option<String>>;

    /// Gives back the space of dead rows; why it was not done, where it was not.
    #[doc(hidden)]
    fn vacuum<C: LoadConnection<Backend = Self>>(
        conn: &mut C,
        schema: Option<&str>,
        table: &str,
    ) -> QueryResult<Option<String>>;

    /// Runs queries in a read-only transaction, which is rolled back.
    #[doc(hidden)]
    fn reading<C: LoadConnection<Backend = Self>, T>(
        conn: &mut C,
        asker: Asker,
        work: impl FnOnce(&mut C) -> QueryResult<T>,
    ) -> QueryResult<T>;

    /// A number as text.
    #[doc(hidden)]
    fn text(expression: &str) -> String;

    /// Columns as one text, whatever their types.
    #[doc(hidden)]
    fn joined(columns: &[String]) -> String;

    /// A whole row of a query as text; `None` where the database has nothing for it.
    #[doc(hidden)]
    fn whole_row(_alias: &str) -> Option<String> {
        None
    }

    /// How many columns of a row are NULL, where the catalogue says that none can be.
    #[doc(hidden)]
    fn any_null(columns: &[String]) -> String;

    /// A table in FROM that is read without its indexes.
    #[doc(hidden)]
    fn without_index(table: &str) -> String {
        table.to_owned()
    }

    /// What the catalogue tells of what does not work.
    #[doc(hidden)]
    fn catalogue<C: LoadConnection<Backend = Self>>(conn: &mut Catalogue<'_, C>);

    /// Runs a query and counts its rows.
    #[doc(hidden)]
    fn rows_of<C: LoadConnection<Backend = Self>>(conn: &mut C, sql: &str) -> QueryResult<u64>;

    /// How the database would go about a query.
    #[doc(hidden)]
    fn plan<C: LoadConnection<Backend = Self>>(conn: &mut C, sql: &str)
    -> QueryResult<Vec<String>>;
}

macro_rules! inspect {
    ($backend:ty, $room:ident, $queries:expr, $null:expr) => {
        impl Inspect for $backend {
            const QUERIES_CONSTRAINTS: bool = $queries;
            const LOOKS_FOR_NULL: bool = $null;

            fn ready<C: LoadConnection<Backend = Self>>(
                conn: &mut C,
                timeout: Duration,
            ) -> QueryResult<()> {
                $room::ready(conn, timeout)
            }

            fn ready_to_maintain<C: LoadConnection<Backend = Self>>(
                conn: &mut C,
                timeout: Duration,
            ) -> QueryResult<()> {
                $room::ready_to_maintain(conn, timeout)
            }

            fn analyze<C: LoadConnection<Backend = Self>>(
                conn: &mut C,
                schema: Option<&str>,
                table: &str,
            ) -> QueryResult<Option<String>> {
                $room::analyze(conn, schema, table)
            }

            fn vacuum<C: LoadConnection<Backend = Self>>(
                conn: &mut C,
                schema: Option<&str>,
                table: &str,
            ) -> QueryResult<Option<String>> {
                $room::vacuum(conn, schema, table)
            }

            fn reading<C: LoadConnection<Backend = Self>, T>(
                conn: &mut C,
                asker: Asker,
                work: impl FnOnce(&mut C) -> QueryResult<T>,
            ) -> QueryResult<T> {
                $room::reading(conn, asker, work)
            }

            fn text(expression: &str) -> String {
                $room::text(expression)
            }

            fn joined(columns: &[String]) -> String {
                $room::joined(columns)
            }

            fn whole_row(alias: &str) -> Option<String> {
                $room::whole_row(alias)
            }

            fn any_null(columns: &[String]) -> String {
                $room::any_null(columns)
            }

            fn without_index(table: &str) -> String {
                $room::without_index(table)
            }

            fn catalogue<C: LoadConnection<Backend = Self>>(conn: &mut Catalogue<'_, C>) {
                $room::catalogue(conn);
            }

            fn rows_of<C: LoadConnection<Backend = Self>>(
                conn: &mut C,
                sql: &str,
            ) -> QueryResult<u64> {
                let mut count = 0;
                for row in conn.load(diesel::sql_query(sql))? {
                    row?;
                    count += 1;
                }
                Ok(count)
            }

            fn plan<C: LoadConnection<Backend = Self>>(
                conn: &mut C,
                sql: &str,
            ) -> QueryResult<Vec<String>> {
                $room::plan(conn, sql)
            }
        }
    };
}

inspect!(Pg, postgres, true, true);
inspect!(Mysql, mysql, true, false);
inspect!(Sqlite, sqlite, false, false);
