//! SQLite, which has no hash function: rows are read and hashed here, one at a time.
//!
//! A column may hold values of any type, so the type of each value is hashed with it.

use diesel::QueryResult;
use diesel::connection::{LoadConnection, TransactionManager};
use diesel::deserialize::FromSql;
use diesel::row::{Field, Row};
use diesel::sql_types::{BigInt, Binary, Double};
use diesel::sqlite::{Sqlite, SqliteType};
use migrate_core::Dialect;
use migrate_runtime::Database;
use sha2::{Digest as _, Sha256};

use super::error::DigestError;
use super::read::{Column, Sum, Table};

pub(super) fn pinned<C: LoadConnection<Backend = Sqlite>, T>(
    conn: &mut C,
    work: impl FnOnce(&mut C) -> Result<T, DigestError>,
) -> Result<T, DigestError> {
    // A transaction shows one moment, and no setting changes what a value is.
    C::TransactionManager::begin_transaction(conn).map_err(DigestError::Session)?;
    let result = work(conn);
    let end = C::TransactionManager::rollback_transaction(conn).map_err(DigestError::Session);
    let result = result?;
    end?;
    Ok(result)
}

pub(super) fn tables<C: LoadConnection<Backend = Sqlite>>(
    conn: &mut C,
    _whole: bool,
) -> Result<Vec<Table>, DigestError> {
    // Hidden is 1 for the columns of virtual tables that are no data, 2 and 3 for generated ones.
    let sql = "SELECT l.name, l.type, c.name FROM pragma_table_list l \
               LEFT JOIN pragma_table_xinfo(l.name, 'main') c ON c.hidden <> 1 \
               WHERE l.schema = 'main' AND l.type IN ('table', 'virtual', 'shadow') \
               AND l.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' \
               ORDER BY l.name COLLATE BINARY, c.name COLLATE BINARY";
    let rows = Sqlite::rows(conn, sql).map_err(DigestError::of("the tables"))?;
    let mut tables: Vec<Table> = Vec::new();
    for row in rows {
        let mut row = row.into_iter().flatten();
        let (Some(name), Some(kind)) = (row.next(), row.next()) else {
            continue;
        };
        let column = row.next().map(|name| Column {
            sql: Dialect::Sqlite.quote_identifier(&name),
            name,
        });
        match tables.last_mut() {
            Some(table) if table.name == name => table.columns.extend(column),
            _ => tables.push(Table {
                from: format!("main.{}", Dialect::Sqlite.quote_identifier(&name)),
                schema: None,
                name,
                is_partition: false,
                not_read: (kind == "virtual").then_some(
                    "a virtual table; what it stores is in other tables, which are read",
                ),
                columns: column.into_iter().collect(),
            }),
        }
    }
    Ok(tables)
}

pub(super) fn sum<C: LoadConnection<Backend = Sqlite>>(
    conn: &mut C,
    table: &Table,
) -> QueryResult<Sum> {
    let columns: Vec<&str> = table.columns.iter().map(|it| it.sql.as_str()).collect();
    let sql = format!("SELECT {} FROM {}", columns.join(", "), table.from);
    let mut rows = 0_u64;
    let mut sum = 0_u128;
    let mut bytes = Vec::new();
    for row in conn.load(diesel::sql_query(sql))? {
        let row = row?;
        bytes.clear();
        for at in 0..row.field_count() {
            let field = row.get(at);
            value(&mut bytes, field.as_ref().and_then(Field::value))
                .map_err(diesel::result::Error::DeserializationError)?;
        }
        rows += 1;
        sum += u128::from(hash(&bytes));
    }
    Ok(Sum {
        rows,
        sum: Some(sum.to_string()),
    })
}

/// Adds the type of a value, its length and its bytes.
fn value(
    bytes: &mut Vec<u8>,
    value: Option<<Sqlite as diesel::backend::Backend>::RawValue<'_>>,
) -> diesel::deserialize::Result<()> {
    let of = value.as_ref().and_then(|value| value.value_type());
    let (Some(value), Some(of)) = (value, of) else {
        bytes.push(b'N');
        return Ok(());
    };
    let mut add = |tag: u8, value: &[u8]| {
        bytes.push(tag);
        bytes.extend_from_slice(&(value.len() as u64).to_le_bytes());
        bytes.extend_from_slice(value);
    };
    match of {
        SqliteType::Long | SqliteType::Integer | SqliteType::SmallInt => {
            let number = <i64 as FromSql<BigInt, Sqlite>>::from_sql(value)?;
            add(b'i', &number.to_le_bytes());
        }
        SqliteType::Double | SqliteType::Float => {
            let number = <f64 as FromSql<Double, Sqlite>>::from_sql(value)?;
            add(b'r', &number.to_bits().to_le_bytes());
        }
        // Text as its bytes, because it need not be valid UTF-8.
        SqliteType::Text => add(
            b't',
            &<Vec<u8> as FromSql<Binary, Sqlite>>::from_sql(value)?,
        ),
        SqliteType::Binary => add(
            b'b',
            &<Vec<u8> as FromSql<Binary, Sqlite>>::from_sql(value)?,
        ),
    }
    Ok(())
}

/// The first 64 bits of the hash.
fn hash(bytes: &[u8]) -> u64 {
    let [a, b, c, d, e, f, g, h, ..] = Sha256::digest(bytes).0;
    u64::from_be_bytes([a, b, c, d, e, f, g, h])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_sha_256() {
        // The digest of "abc" in FIPS 180-4's examples begins so.
        assert_eq!(hash(b"abc"), 0xba78_16bf_8f01_cfea);
    }
}
