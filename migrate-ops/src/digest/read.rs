//! The one loop over the tables; what differs between databases is behind [`Digest`].

use std::collections::BTreeMap;
use std::time::Instant;

use diesel::QueryResult;
use diesel::connection::LoadConnection;
use diesel::mysql::Mysql;
use diesel::pg::Pg;
use diesel::sqlite::Sqlite;
use migrate_runtime::Database;

use super::error::DigestError;
use super::evidence::{DatabaseDigest, TableDigest};
use super::inventory::{self, Inventory};
use super::name::table_name;
use super::selection::Selection;
use super::{mysql, postgres, sqlite};

/// A table that may be read.
#[derive(Debug)]
pub struct Table {
    pub(crate) schema: Option<String>,
    pub(crate) name: String,
    /// The table as it stands after FROM.
    pub(crate) from: String,
    /// Whether it is a part of another table, and read with that.
    pub(crate) is_partition: bool,
    /// Why it is not read.
    pub(crate) not_read: Option<&'static str>,
    /// In the order of their names.
    pub(crate) columns: Vec<Column>,
}

impl Table {
    pub(crate) fn key(&self) -> String {
        table_name(self.schema.as_deref(), &self.name)
    }
}

/// A column, and the SQL that has its value in the form that is hashed.
#[derive(Debug)]
pub(crate) struct Column {
    pub(super) name: String,
    pub(super) sql: String,
}

/// What a table comes to.
#[derive(Debug)]
pub struct Sum {
    pub(super) rows: u64,
    /// `None` where the server could not put a row together.
    pub(super) sum: Option<String>,
}

/// How far a reading is, told before each table.
#[derive(Clone, Copy, Debug)]
pub struct Progress<'a> {
    /// The table that is next.
    pub table: &'a str,
    /// Tables that were read.
    pub done: usize,
    /// Tables that will be read.
    pub of: usize,
}

/// A diesel backend whose tables can be read.
///
/// The trait is sealed through [`migrate_runtime::Database`].
pub trait Digest: Database {
    /// Runs `work` in the open transaction, or in one of a single moment, with the session pinned;
    /// takes both back.
    #[doc(hidden)]
    fn pinned<C: LoadConnection<Backend = Self>, T>(
        conn: &mut C,
        work: impl FnOnce(&mut C) -> Result<T, DigestError>,
    ) -> Result<T, DigestError>;

    /// All tables, with their columns. `whole` says that none may be hidden.
    #[doc(hidden)]
    fn tables<C: LoadConnection<Backend = Self>>(
        conn: &mut C,
        whole: bool,
    ) -> Result<Vec<Table>, DigestError>;

    /// Counts and hashes the rows.
    #[doc(hidden)]
    fn sum<C: LoadConnection<Backend = Self>>(conn: &mut C, table: &Table) -> QueryResult<Sum>;

    /// What there is besides rows.
    #[doc(hidden)]
    fn inventory<C: LoadConnection<Backend = Self>>(conn: &mut C)
    -> Result<Inventory, DigestError>;
}

macro_rules! digest {
    ($backend:ty, $room:ident) => {
        impl Digest for $backend {
            fn pinned<C: LoadConnection<Backend = Self>, T>(
                conn: &mut C,
                work: impl FnOnce(&mut C) -> Result<T, DigestError>,
            ) -> Result<T, DigestError> {
                $room::pinned(conn, work)
            }

            fn tables<C: LoadConnection<Backend = Self>>(
                conn: &mut C,
                whole: bool,
            ) -> Result<Vec<Table>, DigestError> {
                $room::tables(conn, whole)
            }

            fn sum<C: LoadConnection<Backend = Self>>(
                conn: &mut C,
                table: &Table,
            ) -> QueryResult<Sum> {
                $room::sum(conn, table)
            }

            fn inventory<C: LoadConnection<Backend = Self>>(
                conn: &mut C,
            ) -> Result<Inventory, DigestError> {
                inventory::$room::read(conn)
            }
        }
    };
}

digest!(Pg, postgres);
digest!(Mysql, mysql);
digest!(Sqlite, sqlite);

/// Reads tables of the database that a connection is to.
///
/// A transaction that the caller has open has to be one of diesel's transaction manager. On MySQL
/// and MariaDB every table stays locked against DDL until that transaction ends.
///
/// ```
/// use diesel::sqlite::Sqlite;
/// use diesel::connection::SimpleConnection;
/// use migrate_ops::connect::{DatabaseUrl, Engine, Open, runtime};
/// use migrate_ops::digest::{Selection, compare, digest};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let runtime = runtime()?;
/// let url = DatabaseUrl::parse("sqlite::memory:")?;
/// let mut conn = Sqlite::connect(&url, Open::Create, &runtime)?.connection;
/// conn.batch_execute("CREATE TABLE t (a TEXT, b TEXT); INSERT INTO t VALUES ('x', NULL)")?;
/// let before = digest::<Sqlite, _>(&mut conn, &Selection::all())?;
/// conn.batch_execute("UPDATE t SET a = b, b = a")?;
/// let after = digest::<Sqlite, _>(&mut conn, &Selection::all())?;
/// assert_eq!(compare(&before, &after).len(), 1);
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// Where a table that is selected cannot be read as a whole.
pub fn digest<DB: Digest, C: LoadConnection<Backend = DB>>(
    conn: &mut C,
    selection: &Selection,
) -> Result<DatabaseDigest, DigestError> {
    digest_observed::<DB, C>(conn, selection, &mut |_| true)
}

/// Reads as [`digest`] does, and tells before each table how far it is; `false` stops.
///
/// # Errors
/// As [`digest`], and [`DigestError::Stopped`].
pub fn digest_observed<DB: Digest, C: LoadConnection<Backend = DB>>(
    conn: &mut C,
    selection: &Selection,
    observe: &mut dyn FnMut(Progress<'_>) -> bool,
) -> Result<DatabaseDigest, DigestError> {
    DB::pinned(conn, |conn| read::<DB, C>(conn, selection, observe))
}

fn read<DB: Digest, C: LoadConnection<Backend = DB>>(
    conn: &mut C,
    selection: &Selection,
    observe: &mut dyn FnMut(Progress<'_>) -> bool,
) -> Result<DatabaseDigest, DigestError> {
    let taken = crate::time::now();
    let mut tables = DB::tables(conn, !selection.is_named())?;
    for table in &mut tables {
        let key = table.key();
        table
            .columns
            .retain(|column| selection.takes_column(&key, &column.name));
    }
    let names = tables
        .iter()
        .map(|table| (table.schema.as_deref(), table.name.as_str()));
    if let Some(missing) = selection.missing(names) {
        return Err(DigestError::NoTable {
            table: missing.to_owned(),
        });
    }
    let mut digest = DatabaseDigest {
        form: DatabaseDigest::FORM,
        dialect: DB::DIALECT.name().to_owned(),
        taken,
        tables: BTreeMap::new(),
        not_read: BTreeMap::new(),
    };
    let selected: Vec<&Table> = tables
        .iter()
        .filter(|table| selection.takes(table.schema.as_deref(), &table.name, table.is_partition))
        .collect();
    for (done, table) in selected.iter().enumerate() {
        let key = table.key();
        if let Some(reason) = table.not_read {
            digest.not_read.insert(key, reason.to_owned());
            continue;
        }
        let progress = Progress {
            table: &key,
            done,
            of: selected.len(),
        };
        if !observe(progress) {
            return Err(DigestError::Stopped { table: key });
        }
        let begun = Instant::now();
        let sum = match DB::sum(conn, table) {
            Ok(sum) => sum,
            Err(source) => return Err(DigestError::Table { table: key, source }),
        };
        let Some(text) = sum.sum else {
            return Err(DigestError::RowTooLarge { table: key });
        };
        let columns = table.columns.iter().map(|it| it.name.clone()).collect();
        let table = TableDigest {
            rows: sum.rows,
            sum: text,
            columns,
            seconds: begun.elapsed().as_secs_f64(),
        };
        digest.tables.insert(key, table);
    }
    Ok(digest)
}

/// Two numbers as text: the count and the sum of a query.
pub(super) fn count_and_sum<DB: Database, C: LoadConnection<Backend = DB>>(
    conn: &mut C,
    sql: &str,
) -> QueryResult<(u64, String)> {
    let row = DB::rows(conn, sql)?.into_iter().next().unwrap_or_default();
    let mut fields = row.into_iter().flatten();
    let bad = |what: &str| diesel::result::Error::DeserializationError(what.to_owned().into());
    let rows = fields
        .next()
        .and_then(|text| text.parse().ok())
        .ok_or_else(|| bad("the database gave no count"))?;
    let sum = fields
        .next()
        .ok_or_else(|| bad("the database gave no sum"))?;
    Ok((rows, sum))
}
