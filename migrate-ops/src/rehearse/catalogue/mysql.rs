//! The catalogue of MariaDB and MySQL.

use super::{Braking, Questions};

pub(super) const QUESTIONS: Questions = Questions {
    identity: Some("SELECT CONCAT_WS(' ', @@hostname, @@port, @@socket, @@datadir), DATABASE()"),
    // A definition commits itself, and its locks are over when it is.
    session: Some("SELECT CAST(CONNECTION_ID() AS CHAR)"),
    locks: None,
    whole_file: false,
    braking: Some(Braking {
        is_possible: "SELECT CAST(COUNT(*) AS CHAR) FROM performance_schema.setup_instruments \
                      WHERE NAME = 'wait/lock/metadata/sql/mdl' AND ENABLED = 'YES' \
                      HAVING COUNT(*) > 0",
        ready: "SET SESSION lock_wait_timeout = 1",
        tables: "SELECT CAST(TABLE_NAME AS CHAR) FROM information_schema.TABLES \
                 WHERE TABLE_SCHEMA = DATABASE() AND TABLE_TYPE = 'BASE TABLE'",
        lock: ("LOCK TABLES", "READ"),
        release: "UNLOCK TABLES",
        locks,
    }),
    rows: Some((
        "SELECT CAST(ENABLED AS CHAR) FROM performance_schema.setup_instruments \
         WHERE NAME = 'wait/io/table/sql/handler' AND ENABLED = 'YES'",
        "SELECT NULL, CAST(OBJECT_NAME AS CHAR), CAST(COUNT_INSERT AS CHAR), \
                CAST(COUNT_UPDATE AS CHAR), CAST(COUNT_DELETE AS CHAR) \
         FROM performance_schema.table_io_waits_summary_by_table \
         WHERE OBJECT_TYPE = 'TABLE' AND OBJECT_SCHEMA = DATABASE()",
    )),
    // A table that is copied, or rebuilt in place, gets another id.
    files: Some(
        "SELECT NAME, NULL, SUBSTRING_INDEX(NAME, '/', -1), CAST(TABLE_ID AS CHAR) \
         FROM information_schema.INNODB_SYS_TABLES WHERE NAME LIKE CONCAT(DATABASE(), '/%')",
    ),
    volatile: VOLATILE,
    bodies: "SELECT CONCAT('trigger ', TRIGGER_NAME), ACTION_STATEMENT \
         FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE() \
         UNION ALL \
         SELECT CONCAT('routine ', ROUTINE_NAME), ROUTINE_DEFINITION \
         FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = DATABASE() \
         UNION ALL \
         SELECT CONCAT('view ', TABLE_NAME), VIEW_DEFINITION \
         FROM information_schema.VIEWS WHERE TABLE_SCHEMA = DATABASE()",
    ways_out: Some(
        "SELECT CONCAT('enabled event ', EVENT_NAME) FROM information_schema.EVENTS \
         WHERE EVENT_SCHEMA = DATABASE() AND STATUS = 'ENABLED' \
         UNION ALL \
         SELECT CONCAT('table ', TABLE_NAME, ' with engine ', ENGINE) \
         FROM information_schema.TABLES \
         WHERE TABLE_SCHEMA = DATABASE() AND ENGINE IN ('FEDERATED', 'CONNECT', 'SPIDER') \
         UNION ALL \
         SELECT 'the binary log, which replicas follow' FROM DUAL WHERE @@log_bin",
    ),
    // What a routine may do, its definer may: both the session's own rights and those of others.
    powers: Some(
        "SELECT DISTINCT CONCAT('the user ', GRANTEE, ' has rights on the whole server') \
         FROM information_schema.USER_PRIVILEGES \
         WHERE PRIVILEGE_TYPE <> 'USAGE' \
           AND GRANTEE = CONCAT('''', SUBSTRING_INDEX(CURRENT_USER(), '@', 1), '''@''', \
                                SUBSTRING_INDEX(CURRENT_USER(), '@', -1), '''') \
         UNION \
         SELECT DISTINCT CONCAT('the user ', GRANTEE, ' has rights on the database ', TABLE_SCHEMA) \
         FROM information_schema.SCHEMA_PRIVILEGES \
         WHERE TABLE_SCHEMA <> DATABASE() \
           AND GRANTEE = CONCAT('''', SUBSTRING_INDEX(CURRENT_USER(), '@', 1), '''@''', \
                                SUBSTRING_INDEX(CURRENT_USER(), '@', -1), '''') \
         UNION \
         SELECT CONCAT('the routine ', ROUTINE_NAME, ' runs with the rights of ', DEFINER) \
         FROM information_schema.ROUTINES \
         WHERE ROUTINE_SCHEMA = DATABASE() AND SECURITY_TYPE = 'DEFINER' \
           AND DEFINER <> CURRENT_USER() \
         UNION \
         SELECT CONCAT('the trigger ', TRIGGER_NAME, ' runs with the rights of ', DEFINER) \
         FROM information_schema.TRIGGERS \
         WHERE TRIGGER_SCHEMA = DATABASE() AND DEFINER <> CURRENT_USER()",
    ),
    others: Some(
        "SELECT SCHEMA_NAME FROM information_schema.SCHEMATA \
         WHERE SCHEMA_NAME <> DATABASE() AND SCHEMA_NAME <> 'information_schema'",
    ),
};

/// A lock that is waited for is held once it is given.
fn locks(session: &str) -> String {
    format!(
        "SELECT CAST(m.OBJECT_NAME AS CHAR), CAST(REPLACE(m.LOCK_TYPE, '_', ' ') AS CHAR), \
                CAST(m.LOCK_STATUS AS CHAR) \
         FROM performance_schema.metadata_locks m \
              JOIN performance_schema.threads t ON t.THREAD_ID = m.OWNER_THREAD_ID \
         WHERE t.PROCESSLIST_ID = {session} AND m.OBJECT_TYPE = 'TABLE' \
           AND m.OBJECT_SCHEMA = DATABASE() AND m.LOCK_DURATION <> 'EXPLICIT' \
           AND m.OBJECT_NAME NOT LIKE '#sql%' AND m.OBJECT_NAME NOT LIKE '\\_migrate\\_%'"
    )
}

/// Defaults that give another value each time, and what BEFORE triggers assign.
const VOLATILE: &str = "\
SELECT NULL, TABLE_NAME, COLUMN_NAME, \
       CASE WHEN EXTRA LIKE '%auto_increment%' THEN 'it is AUTO_INCREMENT' \
            WHEN EXTRA LIKE '%on update%' THEN 'it is set at every change of its row' \
            ELSE 'its default gives another value each time' END \
FROM information_schema.COLUMNS \
WHERE TABLE_SCHEMA = DATABASE() \
  AND (EXTRA LIKE '%auto_increment%' OR EXTRA LIKE '%on update%' \
       OR COLUMN_DEFAULT REGEXP '(current_timestamp|localtime|now|sysdate|curdate|curtime|uuid|uuid_short|rand|nextval) *[(]|^current_timestamp') \
UNION ALL \
SELECT NULL, c.TABLE_NAME, c.COLUMN_NAME, CONCAT('the trigger ', t.TRIGGER_NAME, ' sets it') \
FROM information_schema.TRIGGERS t JOIN information_schema.COLUMNS c \
  ON c.TABLE_SCHEMA = t.EVENT_OBJECT_SCHEMA AND c.TABLE_NAME = t.EVENT_OBJECT_TABLE \
WHERE t.TRIGGER_SCHEMA = DATABASE() AND t.ACTION_TIMING = 'BEFORE' \
  AND c.COLUMN_NAME REGEXP '^[A-Za-z0-9_]+$' \
  AND LOWER(t.ACTION_STATEMENT) REGEXP CONCAT('new *[.] *`?', LOWER(c.COLUMN_NAME), '`? *:?=')";
