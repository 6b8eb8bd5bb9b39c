//! PostgreSQL's catalogue.

use super::Questions;

pub(super) const QUESTIONS: Questions = Questions {
    // A clone of a server has the same identifier, and was not started at the same moment.
    identity: Some(
        "SELECT concat_ws(' ', system_identifier, pg_postmaster_start_time()), \
                current_database()::text \
         FROM pg_control_system()",
    ),
    session: Some("SELECT pg_backend_pid()::text"),
    locks: Some(locks),
    whole_file: false,
    braking: None,
    rows: Some((
        "SELECT pg_stat_force_next_flush()::text",
        "SELECT schemaname::text, relname::text, n_tup_ins::text, n_tup_upd::text, n_tup_del::text \
         FROM pg_stat_user_tables",
    )),
    files: Some(
        "SELECT c.oid::text, n.nspname::text, c.relname::text, pg_relation_filenode(c.oid)::text \
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
         WHERE c.relkind IN ('r', 'm') AND n.nspname NOT LIKE 'pg\\_%' \
           AND n.nspname <> 'information_schema'",
    ),
    volatile: VOLATILE,
    bodies: "SELECT 'routine ' || n.nspname || '.' || p.proname, \
                concat(p.prosrc, ' ', pg_get_function_sqlbody(p.oid)) \
         FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace \
         WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') \
           AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e') \
         UNION ALL \
         SELECT 'view ' || schemaname || '.' || viewname, definition FROM pg_views \
         WHERE schemaname NOT IN ('pg_catalog', 'information_schema') \
         UNION ALL \
         SELECT 'materialized view ' || schemaname || '.' || matviewname, definition \
         FROM pg_matviews",
    ways_out: Some(
        "SELECT 'foreign server ' || srvname FROM pg_foreign_server \
         UNION ALL \
         SELECT 'foreign reach of the extension ' || extname FROM pg_extension \
         WHERE extname IN ('dblink', 'file_fdw', 'http', 'mysql_fdw', 'oracle_fdw', 'pg_cron', \
                           'pg_net', 'postgres_fdw', 'tds_fdw') \
         UNION ALL \
         SELECT 'foreign reach of the language ' || lanname FROM pg_language \
         WHERE NOT lanpltrusted AND lanname NOT IN ('internal', 'c') \
         UNION ALL \
         SELECT 'subscription ' || subname FROM pg_subscription \
         WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())",
    ),
    powers: Some(
        "SELECT 'the role ' || rolname || ' is a superuser' FROM pg_roles \
         WHERE rolname = current_user AND rolsuper \
         UNION ALL \
         SELECT 'the role ' || rolname || ' may make roles' FROM pg_roles \
         WHERE rolname = current_user AND rolcreaterole AND NOT rolsuper \
         UNION ALL \
         SELECT 'the routine ' || n.nspname || '.' || p.proname || ' runs with the rights of ' \
                || pg_get_userbyid(p.proowner) \
         FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace \
              JOIN pg_roles r ON r.oid = p.proowner \
         WHERE p.prosecdef AND (r.rolsuper OR r.rolcreaterole) \
           AND n.nspname NOT IN ('pg_catalog', 'information_schema')",
    ),
    // A statement cannot name a table of another database.
    others: None,
};

/// A relation that the session has made itself in its open transaction is not seen from another one,
/// and nobody else can wait for it.
fn locks(session: &str) -> String {
    format!(
        "SELECT n.nspname::text, c.relname::text, \
                upper(regexp_replace(replace(l.mode, 'Lock', ''), '([a-z])([A-Z])', '\\1 \\2', 'g')) \
         FROM pg_locks l JOIN pg_class c ON c.oid = l.relation \
              JOIN pg_namespace n ON n.oid = c.relnamespace \
         WHERE l.pid = {session} AND l.granted AND l.locktype = 'relation' \
           AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) \
           AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'"
    )
}

/// Defaults that give another value each time, and what BEFORE triggers assign.
const VOLATILE: &str = "\
SELECT n.nspname::text, c.relname::text, a.attname::text, \
       CASE WHEN a.attidentity <> '' THEN 'it is an identity column' \
            WHEN pg_get_expr(d.adbin, d.adrelid) ~* 'nextval\\s*\\(' THEN 'its default is a sequence' \
            ELSE 'its default gives another value each time' END \
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid \
     JOIN pg_namespace n ON n.oid = c.relnamespace \
     LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum \
WHERE c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped \
  AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema' \
  AND a.attgenerated = '' \
  AND (a.attidentity <> '' OR pg_get_expr(d.adbin, d.adrelid) ~* \
       '(nextval|now|random|uuid[a-z0-9_]*|clock_timestamp|statement_timestamp|transaction_timestamp|timeofday|txid_current|pg_current_xact_id)\\s*\\(|current_(timestamp|date|time)|local(timestamp|time)') \
UNION ALL \
SELECT n.nspname::text, c.relname::text, a.attname::text, \
       'the trigger ' || t.tgname || ' sets it' \
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid \
     JOIN pg_namespace n ON n.oid = c.relnamespace \
     JOIN pg_proc p ON p.oid = t.tgfoid \
     JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped \
WHERE NOT t.tgisinternal AND t.tgtype & 2 = 2 AND a.attname ~ '^\\w+$' \
  AND p.prosrc ~* ('new\\s*\\.\\s*\"?' || a.attname || '\"?\\s*:?=')";
