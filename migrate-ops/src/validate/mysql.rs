//! MySQL and MariaDB.

use std::time::Duration;

use diesel::QueryResult;
use diesel::connection::{LoadConnection, TransactionManager};
use diesel::mysql::Mysql;
use migrate_core::Dialect;
use migrate_runtime::Database;

use super::catalogue::Catalogue;
use super::evidence::CheckKind;
use super::inspect::Asker;

pub(super) fn ready<C: LoadConnection<Backend = Mysql>>(
    conn: &mut C,
    timeout: Duration,
) -> QueryResult<()> {
    conn.batch_execute("SET SESSION lock_wait_timeout = 5")?;
    // MariaDB counts seconds, MySQL milliseconds, under other names.
    let mariadb = format!("SET SESSION max_statement_time = {}", timeout.as_secs_f64());
    conn.batch_execute(&mariadb).or_else(|_| {
        let millis = timeout.as_millis();
        conn.batch_execute(&format!("SET SESSION max_execution_time = {millis}"))
    })
}

pub(super) fn ready_to_maintain<C: LoadConnection<Backend = Mysql>>(
    conn: &mut C,
    timeout: Duration,
) -> QueryResult<()> {
    ready(conn, timeout)
}

/// What it says is in rows: the table, the operation, the kind of message, the message.
pub(super) fn analyze<C: LoadConnection<Backend = Mysql>>(
    conn: &mut C,
    _schema: Option<&str>,
    table: &str,
) -> QueryResult<Option<String>> {
    let table = Dialect::Mysql.quote_identifier(table);
    let rows = Mysql::rows(conn, &format!("ANALYZE TABLE {table}"))?;
    let mut errors = rows.into_iter().filter_map(|row| {
        let mut fields = row.into_iter().skip(2);
        let (kind, text) = (fields.next().flatten()?, fields.next().flatten());
        kind.eq_ignore_ascii_case("error")
            .then(|| text.unwrap_or_default())
    });
    Ok(errors.next())
}

/// What OPTIMIZE TABLE does with InnoDB's tables, but refused where others would be kept away.
pub(super) fn vacuum<C: LoadConnection<Backend = Mysql>>(
    conn: &mut C,
    _schema: Option<&str>,
    table: &str,
) -> QueryResult<Option<String>> {
    let table = Dialect::Mysql.quote_identifier(table);
    let rebuild = format!("ALTER TABLE {table} FORCE, ALGORITHM=INPLACE, LOCK=NONE");
    let refused = conn.batch_execute(&rebuild).err();
    Ok(refused.map(|error| format!("not while others write: {error}")))
}

pub(super) fn reading<C: LoadConnection<Backend = Mysql>, T>(
    conn: &mut C,
    _asker: Asker,
    work: impl FnOnce(&mut C) -> QueryResult<T>,
) -> QueryResult<T> {
    conn.batch_execute("SET TRANSACTION READ ONLY")?;
    C::TransactionManager::begin_transaction(conn)?;
    let result = work(conn);
    let end = C::TransactionManager::rollback_transaction(conn);
    let result = result?;
    end?;
    Ok(result)
}

pub(super) fn text(expression: &str) -> String {
    format!("CAST({expression} AS CHAR)")
}

pub(super) fn joined(columns: &[String]) -> String {
    format!("CAST(CONCAT_WS('|', {}) AS CHAR)", columns.join(", "))
}

pub(super) fn whole_row(_alias: &str) -> Option<String> {
    None
}

pub(super) fn any_null(columns: &[String]) -> String {
    let each: Vec<String> = columns.iter().map(|it| format!("{it} IS NULL")).collect();
    each.join(" OR ")
}

pub(super) fn without_index(table: &str) -> String {
    format!("{table} USE INDEX ()")
}

pub(super) fn catalogue<C: LoadConnection<Backend = Mysql>>(catalogue: &mut Catalogue<'_, C>) {
    catalogue.objects(
        CheckKind::Index,
        "the indexes",
        "SELECT CAST(CONCAT(TABLE_NAME, '.', INDEX_NAME) AS CHAR), \
         CAST(IF(MAX(COMMENT) = 'disabled', 'is disabled: no query uses it', NULL) AS CHAR) \
         FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = DATABASE() \
         GROUP BY TABLE_NAME, INDEX_NAME ORDER BY 1",
    );
    // AUTO_INCREMENT is the next value, so the last one is one less.
    catalogue.counters(
        "AUTO_INCREMENT",
        "SELECT CAST(CONCAT(t.TABLE_NAME, '.', c.COLUMN_NAME) AS CHAR), \
         CAST(CONCAT('`', REPLACE(c.COLUMN_NAME, '`', '``'), '`') AS CHAR), \
         CAST(CONCAT('`', REPLACE(t.TABLE_NAME, '`', '``'), '`') AS CHAR), \
         CAST(t.AUTO_INCREMENT - 1 AS CHAR) \
         FROM information_schema.TABLES t JOIN information_schema.COLUMNS c \
         ON c.TABLE_SCHEMA = t.TABLE_SCHEMA AND c.TABLE_NAME = t.TABLE_NAME \
         AND c.EXTRA LIKE '%auto_increment%' \
         WHERE t.TABLE_SCHEMA = DATABASE() AND t.AUTO_INCREMENT IS NOT NULL ORDER BY 1",
    );
    catalogue.views(
        "SELECT CAST(TABLE_NAME AS CHAR), \
         CAST(CONCAT('`', REPLACE(TABLE_NAME, '`', '``'), '`') AS CHAR) \
         FROM information_schema.TABLES \
         WHERE TABLE_SCHEMA = DATABASE() AND TABLE_TYPE = 'VIEW' ORDER BY 1",
    );
    catalogue.privileges(
        "SELECT '', CAST(t.TABLE_NAME AS CHAR), \
         CAST(CONCAT(p.PRIVILEGE_TYPE, ' to ', p.GRANTEE) AS CHAR) \
         FROM information_schema.TABLES t LEFT JOIN information_schema.TABLE_PRIVILEGES p \
         ON p.TABLE_SCHEMA = t.TABLE_SCHEMA AND p.TABLE_NAME = t.TABLE_NAME \
         WHERE t.TABLE_SCHEMA = DATABASE() AND t.TABLE_TYPE = 'BASE TABLE' \
         AND t.TABLE_NAME NOT LIKE '\\_migrate\\_%' AND t.TABLE_NAME NOT LIKE '\\_\\_diesel%' \
         AND t.TABLE_NAME NOT LIKE '\\_sqlx\\_%'",
    );
}

/// How each table is read and by which index, out of the plan as JSON; MySQL and MariaDB agree on
/// these names.
pub(super) fn plan<C: LoadConnection<Backend = Mysql>>(
    conn: &mut C,
    sql: &str,
) -> QueryResult<Vec<String>> {
    let rows = Mysql::rows(conn, &format!("EXPLAIN FORMAT=JSON {sql}"))?;
    let text = rows.into_iter().flatten().flatten().next();
    let plan = text.and_then(|text| serde_json::from_str(&text).ok());
    let mut steps = Vec::new();
    collect(&plan.unwrap_or_default(), &mut steps);
    Ok(steps)
}

fn collect(value: &serde_json::Value, steps: &mut Vec<String>) {
    match value {
        serde_json::Value::Array(values) => {
            for value in values {
                collect(value, steps);
            }
        }
        serde_json::Value::Object(fields) => {
            let field = |name: &str| fields.get(name).and_then(|it| it.as_str());
            if let (Some(table), Some(access)) = (field("table_name"), field("access_type")) {
                let key = field("key").map(|key| format!(" by {key}"));
                steps.push(format!("{access} on {table}{}", key.unwrap_or_default()));
            }
            for value in fields.values() {
                collect(value, steps);
            }
        }
        _ => {}
    }
}
