//! The `information_schema` of MySQL and MariaDB: the current database.

use diesel::connection::LoadConnection;
use diesel::mysql::Mysql;
use migrate_core::Dialect;
use migrate_runtime::Database;

use super::evidence::Inventory;
use super::{DigestError, Entries};

/// Kind, and what is selected as name and definition.
const OBJECTS: [(&str, &str, &str, &str); 9] = [
    // A definition that the user may not see is empty.
    (
        "view",
        "TABLE_NAME",
        "IF(VIEW_DEFINITION = '', NULL, CONCAT_WS('|', REPLACE(VIEW_DEFINITION, \
         CONCAT('`', TABLE_SCHEMA, '`.'), ''), CHECK_OPTION, DEFINER, SECURITY_TYPE))",
        "information_schema.VIEWS WHERE TABLE_SCHEMA = DATABASE()",
    ),
    (
        "column",
        "CONCAT(TABLE_NAME, '.', COLUMN_NAME)",
        "CONCAT_WS('|', COLUMN_TYPE, IS_NULLABLE, IFNULL(COLUMN_DEFAULT, '-'), EXTRA, \
         IFNULL(COLLATION_NAME, '-'), IFNULL(GENERATION_EXPRESSION, '-'), COLUMN_COMMENT)",
        "information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE()",
    ),
    (
        "index",
        "CONCAT(TABLE_NAME, '.', INDEX_NAME, ' ', SEQ_IN_INDEX)",
        "CONCAT_WS('|', NON_UNIQUE, IFNULL(COLUMN_NAME, '-'), IFNULL(COLLATION, '-'), \
         IFNULL(SUB_PART, '-'), INDEX_TYPE)",
        "information_schema.STATISTICS WHERE TABLE_SCHEMA = DATABASE()",
    ),
    (
        "foreign key",
        "CONCAT(TABLE_NAME, '.', CONSTRAINT_NAME, ' ', ORDINAL_POSITION)",
        "CONCAT_WS('|', COLUMN_NAME, REFERENCED_TABLE_NAME, REFERENCED_COLUMN_NAME)",
        "information_schema.KEY_COLUMN_USAGE WHERE TABLE_SCHEMA = DATABASE() \
         AND REFERENCED_TABLE_NAME IS NOT NULL",
    ),
    (
        "trigger",
        "TRIGGER_NAME",
        "CONCAT_WS('|', EVENT_OBJECT_TABLE, ACTION_TIMING, EVENT_MANIPULATION, ACTION_ORDER, \
         ACTION_STATEMENT, SQL_MODE, DEFINER)",
        "information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE()",
    ),
    (
        "routine",
        "CONCAT(ROUTINE_TYPE, ' ', ROUTINE_NAME)",
        "IF(ROUTINE_DEFINITION IS NULL, NULL, CONCAT_WS('|', ROUTINE_DEFINITION, \
         IFNULL(DTD_IDENTIFIER, '-'), IS_DETERMINISTIC, SQL_DATA_ACCESS, SECURITY_TYPE, SQL_MODE, \
         DEFINER))",
        "information_schema.ROUTINES WHERE ROUTINE_SCHEMA = DATABASE()",
    ),
    (
        "parameter",
        "CONCAT(ROUTINE_TYPE, ' ', SPECIFIC_NAME, ' ', ORDINAL_POSITION)",
        "CONCAT_WS('|', IFNULL(PARAMETER_MODE, '-'), IFNULL(PARAMETER_NAME, '-'), DTD_IDENTIFIER)",
        "information_schema.PARAMETERS WHERE SPECIFIC_SCHEMA = DATABASE()",
    ),
    (
        "event",
        "EVENT_NAME",
        "IF(EVENT_DEFINITION IS NULL, NULL, CONCAT_WS('|', EVENT_DEFINITION, EVENT_TYPE, \
         IFNULL(EXECUTE_AT, '-'), IFNULL(INTERVAL_VALUE, '-'), IFNULL(INTERVAL_FIELD, '-'), STATUS, \
         IFNULL(STARTS, '-'), IFNULL(ENDS, '-'), ON_COMPLETION, SQL_MODE, DEFINER))",
        "information_schema.EVENTS WHERE EVENT_SCHEMA = DATABASE()",
    ),
    (
        "grant",
        "CONCAT(TABLE_NAME, ' ', PRIVILEGE_TYPE, ' ', GRANTEE)",
        "IS_GRANTABLE",
        "(SELECT '*' AS TABLE_NAME, PRIVILEGE_TYPE, GRANTEE, IS_GRANTABLE \
         FROM information_schema.SCHEMA_PRIVILEGES WHERE TABLE_SCHEMA = DATABASE() \
         UNION ALL SELECT TABLE_NAME, PRIVILEGE_TYPE, GRANTEE, IS_GRANTABLE \
         FROM information_schema.TABLE_PRIVILEGES WHERE TABLE_SCHEMA = DATABASE() \
         UNION ALL SELECT CONCAT(TABLE_NAME, '.', COLUMN_NAME), PRIVILEGE_TYPE, GRANTEE, IS_GRANTABLE \
         FROM information_schema.COLUMN_PRIVILEGES WHERE TABLE_SCHEMA = DATABASE()) grants",
    ),
];

pub(in crate::digest) fn read<C: LoadConnection<Backend = Mysql>>(
    conn: &mut C,
) -> Result<Inventory, DigestError> {
    let mut entries = Entries::default();
    for (kind, name, definition, from) in OBJECTS {
        let sql = format!(
            "SELECT '{kind}', CAST({name} AS CHAR), CAST({definition} AS CHAR) FROM {from}"
        );
        entries.add(Mysql::rows(conn, &sql).map_err(DigestError::of("the objects"))?)?;
    }
    let reading = "the sequences";
    let sql = "SELECT CAST(TABLE_NAME AS CHAR), CAST(AUTO_INCREMENT AS CHAR), '1' \
               FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() \
               AND AUTO_INCREMENT IS NOT NULL AND TABLE_TYPE <> 'SEQUENCE'";
    entries.add_sequences(Mysql::rows(conn, sql).map_err(DigestError::of(reading))?);
    let sql = "SELECT CAST(TABLE_NAME AS CHAR) FROM information_schema.TABLES \
               WHERE TABLE_SCHEMA = DATABASE() AND TABLE_TYPE = 'SEQUENCE'";
    let names = Mysql::rows(conn, sql).map_err(DigestError::of(reading))?;
    for name in names.into_iter().flatten().flatten() {
        let from = Dialect::Mysql.quote_identifier(&name);
        let sql = format!(
            "SELECT CAST(next_not_cached_value AS CHAR), CAST(increment AS CHAR) FROM {from}"
        );
        let rows = Mysql::rows(conn, &sql).map_err(DigestError::of(reading))?;
        let with_name = |mut row: migrate_runtime::Row| {
            row.insert(0, Some(name.clone()));
            row
        };
        entries.add_sequences(rows.into_iter().map(with_name).collect());
    }
    Ok(entries.done())
}
