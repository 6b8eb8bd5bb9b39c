//! SQLite, which checks its files itself.

use std::time::Duration;

use diesel::QueryResult;
use diesel::connection::{LoadConnection, TransactionManager};
use diesel::sqlite::Sqlite;
use migrate_core::Dialect;
use migrate_runtime::Database;

use super::catalogue::Catalogue;
use super::evidence::CheckKind;
use super::inspect::Asker;

pub(super) fn ready<C: LoadConnection<Backend = Sqlite>>(
    conn: &mut C,
    _timeout: Duration,
) -> QueryResult<()> {
    conn.batch_execute("PRAGMA query_only = 1; PRAGMA busy_timeout = 5000")
}

pub(super) fn ready_to_maintain<C: LoadConnection<Backend = Sqlite>>(
    conn: &mut C,
    _timeout: Duration,
) -> QueryResult<()> {
    conn.batch_execute("PRAGMA busy_timeout = 5000")
}

pub(super) fn analyze<C: LoadConnection<Backend = Sqlite>>(
    conn: &mut C,
    _schema: Option<&str>,
    table: &str,
) -> QueryResult<Option<String>> {
    let table = Dialect::Sqlite.quote_identifier(table);
    conn.batch_execute(&format!("ANALYZE main.{table}"))?;
    Ok(None)
}

pub(super) fn vacuum<C: LoadConnection<Backend = Sqlite>>(
    _conn: &mut C,
    _schema: Option<&str>,
    _table: &str,
) -> QueryResult<Option<String>> {
    let why = "VACUUM writes the whole file anew while nobody may write; run it when nobody has to";
    Ok(Some(why.to_owned()))
}

pub(super) fn reading<C: LoadConnection<Backend = Sqlite>, T>(
    conn: &mut C,
    _asker: Asker,
    work: impl FnOnce(&mut C) -> QueryResult<T>,
) -> QueryResult<T> {
    C::TransactionManager::begin_transaction(conn)?;
    let result = work(conn);
    let end = C::TransactionManager::rollback_transaction(conn);
    let result = result?;
    end?;
    Ok(result)
}

pub(super) fn text(expression: &str) -> String {
    format!("CAST({expression} AS TEXT)")
}

pub(super) fn joined(columns: &[String]) -> String {
    let each: Vec<String> = columns.iter().map(|it| format!("quote({it})")).collect();
    each.join(" || '|' || ")
}

pub(super) fn whole_row(_alias: &str) -> Option<String> {
    None
}

pub(super) fn any_null(columns: &[String]) -> String {
    let each: Vec<String> = columns.iter().map(|it| format!("{it} IS NULL")).collect();
    each.join(" OR ")
}

pub(super) fn without_index(table: &str) -> String {
    format!("{table} NOT INDEXED")
}

pub(super) fn catalogue<C: LoadConnection<Backend = Sqlite>>(catalogue: &mut Catalogue<'_, C>) {
    // Its messages name tables, indexes and numbers of rows, and no values.
    catalogue.objects(
        CheckKind::Integrity,
        "the file",
        "SELECT 'the file', CASE WHEN integrity_check <> 'ok' THEN integrity_check END \
         FROM pragma_integrity_check",
    );
    catalogue.objects(
        CheckKind::ForeignKey,
        "the foreign keys",
        "SELECT l.name || ' to ' || f.\"table\", CASE WHEN count(v.\"table\") > 0 \
         THEN count(v.\"table\") || ' rows have no parent' END \
         FROM pragma_table_list l JOIN pragma_foreign_key_list(l.name) f \
         LEFT JOIN pragma_foreign_key_check(l.name) v ON v.fkid = f.id \
         WHERE l.schema = 'main' AND l.type = 'table' AND f.seq = 0 \
         GROUP BY l.name, f.id ORDER BY 1",
    );
    catalogue.views(
        "SELECT name, 'main.\"' || replace(name, '\"', '\"\"') || '\"' \
         FROM main.sqlite_master WHERE type = 'view' ORDER BY 1",
    );
}

pub(super) fn plan<C: LoadConnection<Backend = Sqlite>>(
    conn: &mut C,
    sql: &str,
) -> QueryResult<Vec<String>> {
    let rows = Sqlite::rows(conn, &format!("EXPLAIN QUERY PLAN {sql}"))?;
    let details = rows.into_iter().filter_map(|row| row.into_iter().nth(3));
    Ok(details.flatten().collect())
}
