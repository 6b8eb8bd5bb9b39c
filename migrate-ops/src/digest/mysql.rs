//! MySQL and MariaDB: the server hashes the columns put together as bytes.
//!
//! Numbers and times are text without a comma, so one comma ends them; whatever may hold any byte
//! has its length before it, which is the same as a length before each and costs half. NULL is `N`.
//! A FLOAT goes in as the DOUBLE that it is: as text it has six digits, too few to tell values apart.

use std::collections::BTreeMap;

use diesel::QueryResult;
use diesel::connection::{LoadConnection, TransactionManager};
use diesel::mysql::Mysql;
use diesel::result::Error as DieselError;
use migrate_core::Dialect;
use migrate_runtime::Database;

use super::error::DigestError;
use super::read::{Column, Sum, Table, count_and_sum};

/// Settings that the text of values, or of messages, depends on, with what they are pinned to.
const PINS: [(&str, &str); 7] = [
    ("time_zone", "'+00:00'"),
    ("sql_mode", "''"),
    ("character_set_client", "utf8mb4"),
    ("character_set_results", "utf8mb4"),
    ("character_set_connection", "utf8mb4"),
    ("collation_connection", "utf8mb4_bin"),
    ("lc_messages", "'en_US'"),
];

/// More than the sum of any hashes: what a row counts that the server could not put together,
/// because it is larger than max_allowed_packet. It has 41 digits.
const TOO_LARGE: &str = "10000000000000000000000000000000000000000";

pub(super) fn pinned<C: LoadConnection<Backend = Mysql>, T>(
    conn: &mut C,
    work: impl FnOnce(&mut C) -> Result<T, DigestError>,
) -> Result<T, DigestError> {
    let session = DigestError::Session;
    let outermost = C::TransactionManager::transaction_manager_status_mut(conn)
        .transaction_depth()
        .map_err(session)?
        .is_none();
    if outermost {
        conn.batch_execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            .map_err(session)?;
    }
    C::TransactionManager::begin_transaction(conn).map_err(session)?;
    let saved: Vec<String> = PINS
        .iter()
        .map(|(name, _)| format!("@migrate_{name} = @@session.{name}"))
        .collect();
    let pins: Vec<String> = PINS
        .iter()
        .map(|(name, value)| format!("SESSION {name} = {value}"))
        .collect();
    let restored: Vec<String> = PINS
        .iter()
        .map(|(name, _)| format!("SESSION {name} = @migrate_{name}"))
        .chain(
            PINS.iter()
                .map(|(name, _)| format!("@migrate_{name} = NULL")),
        )
        .collect();
    let set = |conn: &mut C, all: &[String]| {
        conn.batch_execute(&format!("SET {}", all.join(", ")))
            .map_err(session)
    };
    let result = set(conn, &saved)
        .and_then(|()| set(conn, &pins))
        .and_then(|()| work(conn));
    let back = set(conn, &restored);
    let end = C::TransactionManager::rollback_transaction(conn).map_err(session);
    let result = result?;
    back.and(end)?;
    Ok(result)
}

pub(super) fn tables<C: LoadConnection<Backend = Mysql>>(
    conn: &mut C,
    whole: bool,
) -> Result<Vec<Table>, DigestError> {
    if whole {
        sees_all(conn)?;
    }
    let mut columns = columns(conn)?;
    let sql = "SELECT CAST(TABLE_NAME AS CHAR), CAST(ENGINE AS CHAR) \
               FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() \
               AND TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED')";
    let rows = Mysql::rows(conn, sql).map_err(DigestError::of("the tables"))?;
    let mut tables = Vec::new();
    for row in rows {
        let mut row = row.into_iter();
        let name = row.next().flatten().unwrap_or_default();
        let from = Dialect::Mysql.quote_identifier(&name);
        let not_read = match row.next().flatten().as_deref() {
            Some("FEDERATED" | "CONNECT" | "SPIDER") => Some("its rows are in another place"),
            _ => None,
        };
        tables.push(Table {
            from,
            columns: columns.remove(&name).unwrap_or_default(),
            schema: None,
            name,
            is_partition: false,
            not_read,
        });
    }
    Ok(tables)
}

/// The catalogue lists only what the user has some right to. Who may read every table of the
/// database is told that one is not there; others are told that they may not read it.
fn sees_all<C: LoadConnection<Backend = Mysql>>(conn: &mut C) -> Result<(), DigestError> {
    let sql = "SELECT '' FROM `_migrate_no_such_table` LIMIT 0";
    match Mysql::rows(conn, sql) {
        Err(DieselError::DatabaseError(_, answer)) if answer.message().contains("denied") => {
            Err(DigestError::Hidden)
        }
        Err(DieselError::DatabaseError(_, answer)) if answer.message().contains("exist") => Ok(()),
        Ok(_) => Ok(()),
        Err(source) => Err(DigestError::of("the tables")(source)),
    }
}

/// The columns of all tables, in the order of the bytes of their names.
fn columns<C: LoadConnection<Backend = Mysql>>(
    conn: &mut C,
) -> Result<BTreeMap<String, Vec<Column>>, DigestError> {
    let sql = "SELECT CAST(TABLE_NAME AS CHAR), CAST(COLUMN_NAME AS CHAR), \
               CAST(DATA_TYPE AS CHAR), CAST(CHARACTER_SET_NAME AS CHAR), \
               CAST(GENERATION_EXPRESSION AS CHAR) \
               FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE()";
    let rows = Mysql::rows(conn, sql).map_err(DigestError::of("the columns"))?;
    let mut columns: BTreeMap<String, Vec<Column>> = BTreeMap::new();
    for row in rows {
        let mut row = row.into_iter();
        let mut field = || row.next().flatten();
        let (table, name) = (field().unwrap_or_default(), field().unwrap_or_default());
        let (data_type, charset) = (field().unwrap_or_default(), field());
        // When a row of a system-versioned table was written; a restored copy has other times.
        if matches!(field().as_deref(), Some("ROW START" | "ROW END")) {
            continue;
        }
        let quoted = format!("t.{}", Dialect::Mysql.quote_identifier(&name));
        let sql = hashed(&quoted, &data_type, charset.as_deref());
        columns.entry(table).or_default().push(Column { name, sql });
    }
    for columns in columns.values_mut() {
        columns.sort_by(|a, b| a.name.cmp(&b.name));
    }
    Ok(columns)
}

/// The value of a column as it is hashed.
fn hashed(column: &str, data_type: &str, charset: Option<&str>) -> String {
    let plain = |value: &str| format!("IFNULL({value}, 'N')");
    let bytes = |value: &str| format!("IFNULL(CONCAT(LENGTH({value}), ':', {value}), 'N')");
    match data_type.to_ascii_lowercase().as_str() {
        "tinyint" | "smallint" | "mediumint" | "int" | "bigint" | "decimal" | "double" | "date"
        | "datetime" | "timestamp" | "time" | "year" => plain(column),
        // In these types 'N' would be a wrong value, and so NULL.
        "uuid" | "inet4" | "inet6" => plain(&format!("CAST({column} AS CHAR)")),
        "float" => plain(&format!("CAST({column} AS DOUBLE)")),
        "bit" => plain(&format!("CAST({column} AS UNSIGNED)")),
        // What may be longer than a packet goes in as its own hash where it is long.
        "mediumtext" | "longtext" | "mediumblob" | "longblob" | "json" => {
            let value = converted(column, charset);
            format!(
                "IFNULL(CONCAT(LENGTH({value}), ':', \
                 IF(LENGTH({value}) > 65535, SHA2({value}, 256), {value})), 'N')"
            )
        }
        _ => bytes(&converted(column, charset)),
    }
}

/// Text in UTF-8, whatever its column has.
fn converted(column: &str, charset: Option<&str>) -> String {
    match charset {
        None | Some("utf8mb4" | "utf8mb3" | "utf8" | "ascii" | "binary") => column.to_owned(),
        Some(_) => format!("CONVERT({column} USING utf8mb4)"),
    }
}

pub(super) fn sum<C: LoadConnection<Backend = Mysql>>(
    conn: &mut C,
    table: &Table,
) -> QueryResult<Sum> {
    // Columns that the user may not read are hidden, and the sum would be without them.
    Mysql::rows(conn, &format!("SELECT * FROM {} LIMIT 0", table.from))?;
    let columns: Vec<&str> = table.columns.iter().map(|it| it.sql.as_str()).collect();
    // With a binary string among them, all are put together as bytes.
    let sql = format!(
        "SELECT CAST(COUNT(*) AS CHAR), CAST(IFNULL(SUM(IFNULL(CAST(CONV(LEFT(SHA2(CONCAT(\
         _binary'', {}), 256), 16), 16, 10) AS UNSIGNED), {TOO_LARGE})), 0) AS CHAR) FROM {} t",
        columns.join(", ',', "),
        table.from
    );
    let (rows, sum) = count_and_sum::<Mysql, C>(conn, &sql)?;
    Ok(Sum {
        rows,
        sum: (sum.len() < TOO_LARGE.len()).then_some(sum),
    })
}
