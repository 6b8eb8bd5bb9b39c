//! The diesel backends that migrations run on.

use diesel::QueryResult;
use diesel::connection::LoadConnection;
use migrate_core::Dialect;

/// A row of text values; every query of this crate casts its columns to text.
pub type Row = Vec<Option<String>>;

pub(crate) mod sealed {
    use super::*;

    pub trait Queries: diesel::backend::Backend {
        fn load<C: LoadConnection<Backend = Self>>(
            conn: &mut C,
            sql: &str,
        ) -> QueryResult<Vec<Row>>;

        fn execute<C: LoadConnection<Backend = Self>>(
            conn: &mut C,
            sql: &str,
        ) -> QueryResult<usize>;
    }
}

/// A diesel backend that this crate knows: `Pg`, `Mysql` and `Sqlite`, each behind its feature.
///
/// The trait is sealed.
pub trait Database: sealed::Queries + 'static {
    /// The dialect of scripts for it.
    const DIALECT: Dialect;

    /// Reads rows whose columns are all text or NULL: the query casts them.
    ///
    /// # Errors
    /// What the database says, or that a value is no text.
    fn rows<C: LoadConnection<Backend = Self>>(conn: &mut C, sql: &str) -> QueryResult<Vec<Row>> {
        Self::load(conn, sql)
    }
}

#[cfg(any(feature = "postgres", feature = "mysql", feature = "sqlite"))]
macro_rules! database {
    ($backend:ty, $dialect:ident) => {
        const _: () = {
            use diesel::deserialize::{FromSql, QueryableByName};
            use diesel::row::{Field, NamedRow};
            use diesel::sql_types::Text;

            struct TextRow(Row);

            impl QueryableByName<$backend> for TextRow {
                fn build<'a>(
                    row: &impl NamedRow<'a, $backend>,
                ) -> diesel::deserialize::Result<Self> {
                    (0..row.field_count())
                        .map(|index| match diesel::row::Row::get(row, index) {
                            Some(field) => <Option<String> as FromSql<
                                diesel::sql_types::Nullable<Text>,
                                $backend,
                            >>::from_nullable_sql(field.value()),
                            None => Ok(None),
                        })
                        .collect::<Result<_, _>>()
                        .map(TextRow)
                }
            }

            impl sealed::Queries for $backend {
                fn load<C: LoadConnection<Backend = Self>>(
                    conn: &mut C,
                    sql: &str,
                ) -> QueryResult<Vec<Row>> {
                    use diesel::RunQueryDsl;
                    let rows: Vec<TextRow> = diesel::sql_query(sql).load(conn)?;
                    Ok(rows.into_iter().map(|row| row.0).collect())
                }

                fn execute<C: LoadConnection<Backend = Self>>(
                    conn: &mut C,
                    sql: &str,
                ) -> QueryResult<usize> {
                    use diesel::RunQueryDsl;
                    diesel::sql_query(sql).execute(conn)
                }
            }

            impl Database for $backend {
                const DIALECT: Dialect = Dialect::$dialect;
            }
        };
    };
}

#[cfg(feature = "postgres")]
database!(diesel::pg::Pg, Postgres);
#[cfg(feature = "mysql")]
database!(diesel::mysql::Mysql, Mysql);
#[cfg(feature = "sqlite")]
database!(diesel::sqlite::Sqlite, Sqlite);
