//! PostgreSQL, from version 12 on: the server hashes what `record_send` makes of a row.
//!
//! `record_send` is the binary form in which a row goes over the wire: for each column the number of
//! its type, its length (-1 for NULL) and its bytes, which no setting of the session changes. Types
//! that have a number only in this database, or whose bytes hold such numbers, go in as text.

use std::collections::BTreeMap;

use diesel::QueryResult;
use diesel::connection::{LoadConnection, TransactionManager};
use diesel::pg::Pg;
use migrate_core::Dialect;
use migrate_runtime::Database;

use super::error::DigestError;
use super::read::{Column, Sum, Table, count_and_sum};

/// What text forms depend on, and the row security that would hide rows.
const PINS: &str = "SET LOCAL search_path TO pg_catalog; SET LOCAL TimeZone TO 'UTC'; \
     SET LOCAL DateStyle TO 'ISO, MDY'; SET LOCAL IntervalStyle TO 'postgres'; \
     SET LOCAL extra_float_digits TO 3; SET LOCAL bytea_output TO 'hex'; \
     SET LOCAL lc_monetary TO 'C'; SET LOCAL client_encoding TO 'UTF8'; \
     SET LOCAL row_security TO off";

pub(super) fn pinned<C: LoadConnection<Backend = Pg>, T>(
    conn: &mut C,
    work: impl FnOnce(&mut C) -> Result<T, DigestError>,
) -> Result<T, DigestError> {
    let outermost = C::TransactionManager::transaction_manager_status_mut(conn)
        .transaction_depth()
        .map_err(DigestError::Session)?
        .is_none();
    // Inside a transaction this is a savepoint; what is set after it goes when it is rolled back.
    C::TransactionManager::begin_transaction(conn).map_err(DigestError::Session)?;
    let moment = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY; ";
    let pins = format!("{}{PINS}", if outermost { moment } else { "" });
    let result = conn
        .batch_execute(&pins)
        .map_err(DigestError::Session)
        .and_then(|()| work(conn));
    let end = C::TransactionManager::rollback_transaction(conn).map_err(DigestError::Session);
    let result = result?;
    end?;
    Ok(result)
}

pub(super) fn tables<C: LoadConnection<Backend = Pg>>(
    conn: &mut C,
    _whole: bool,
) -> Result<Vec<Table>, DigestError> {
    let mut columns = columns(conn)?;
    let sql = "SELECT c.oid::text, n.nspname::text, c.relname::text, c.relispartition::text, \
               c.relkind::text, (EXISTS (SELECT 1 FROM pg_catalog.pg_depend e \
               WHERE e.classid = 'pg_catalog.pg_class'::regclass \
               AND e.objid = c.oid AND e.deptype = 'e'))::text \
               FROM pg_catalog.pg_class c \
               JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
               WHERE c.relkind IN ('r', 'p', 'f') \
               AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'";
    let rows = Pg::rows(conn, sql).map_err(DigestError::of("the tables"))?;
    let tables = rows.into_iter().map(|row| {
        let mut row = row.into_iter().map(Option::unwrap_or_default);
        let mut text = || row.next().unwrap_or_default();
        let (oid, schema, name) = (text(), text(), text());
        let (partition, kind, extension) = (text() == "true", text(), text() == "true");
        let not_read = match kind.as_str() {
            "f" => Some("a foreign table: its rows are in another place"),
            _ if extension => Some("belongs to an extension"),
            _ => None,
        };
        // A partitioned table is its partitions; one that others inherit from is read without them,
        // because they are read by themselves. `ONLY` would leave a partitioned table without rows.
        let only = if kind == "p" { "" } else { "ONLY " };
        let quote = |name: &str| Dialect::Postgres.quote_identifier(name);
        Table {
            from: format!("{only}{}.{}", quote(&schema), quote(&name)),
            schema: Some(schema),
            name,
            is_partition: partition,
            not_read,
            columns: columns.remove(&oid).unwrap_or_default(),
        }
    });
    Ok(tables.collect())
}

/// The columns of all tables by the oid of the table, in the order of the bytes of their names.
fn columns<C: LoadConnection<Backend = Pg>>(
    conn: &mut C,
) -> Result<BTreeMap<String, Vec<Column>>, DigestError> {
    // Numbers of types up to 16383 are the same in every database (FirstNormalObjectId).
    let sql = "WITH RECURSIVE base AS (\
               SELECT t.oid AS of, t.oid FROM pg_catalog.pg_type t WHERE t.typtype <> 'd' \
               UNION ALL SELECT d.oid, base.oid FROM base \
               JOIN pg_catalog.pg_type d ON d.typtype = 'd' AND d.typbasetype = base.of) \
               SELECT a.attrelid::text, a.attname::text, \
               (t.oid < 16384 AND t.typtype = 'b' AND t.typsend <> 0 \
               AND (e.oid IS NULL OR (e.oid < 16384 AND e.typsend <> 0 AND e.typname !~ '^reg')) \
               AND t.typname !~ '^reg' OR t.oid < 16384 AND t.typtype IN ('r', 'm'))::text, \
               CASE WHEN base.of <> base.oid THEN pg_catalog.format('%I.%I', n.nspname, t.typname) \
               END FROM pg_catalog.pg_attribute a \
               JOIN pg_catalog.pg_class c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p', 'f') \
               JOIN pg_catalog.pg_namespace s ON s.oid = c.relnamespace \
               AND s.nspname !~ '^pg_' AND s.nspname <> 'information_schema' \
               JOIN base ON base.of = a.atttypid \
               JOIN pg_catalog.pg_type t ON t.oid = base.oid \
               JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace \
               LEFT JOIN pg_catalog.pg_type e ON e.oid = t.typelem AND t.typcategory = 'A' \
               WHERE a.attnum > 0 AND NOT a.attisdropped \
               ORDER BY a.attrelid, a.attname COLLATE \"C\"";
    let rows = Pg::rows(conn, sql).map_err(DigestError::of("the columns"))?;
    let mut columns: BTreeMap<String, Vec<Column>> = BTreeMap::new();
    for row in rows {
        let mut row = row.into_iter();
        let mut field = || row.next().flatten();
        let (table, name) = (field().unwrap_or_default(), field().unwrap_or_default());
        let binary = field().as_deref() == Some("true");
        let quoted = Dialect::Postgres.quote_identifier(&name);
        let sql = match (binary, field()) {
            (false, _) => format!("t.{quoted}::text"),
            // A domain has a number of its own; a cast without a modifier cuts nothing off.
            (true, Some(base)) => format!("t.{quoted}::{base}"),
            (true, None) => format!("t.{quoted}"),
        };
        columns.entry(table).or_default().push(Column { name, sql });
    }
    Ok(columns)
}

pub(super) fn sum<C: LoadConnection<Backend = Pg>>(
    conn: &mut C,
    table: &Table,
) -> QueryResult<Sum> {
    let columns: Vec<&str> = table.columns.iter().map(|it| it.sql.as_str()).collect();
    let sql = format!(
        "SELECT count(*)::text, coalesce(sum(('x' || encode(substr(sha256(record_send(ROW({}))), \
         1, 8), 'hex'))::bit(64)::bigint), 0)::text FROM {} t",
        columns.join(", "),
        table.from
    );
    let (rows, sum) = count_and_sum::<Pg, C>(conn, &sql)?;
    Ok(Sum {
        rows,
        sum: Some(sum),
    })
}
