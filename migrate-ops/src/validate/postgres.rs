//! PostgreSQL.

use std::time::{Duration, Instant};

use diesel::QueryResult;
use diesel::connection::{LoadConnection, TransactionManager};
use diesel::pg::Pg;
use migrate_core::Dialect;
use migrate_runtime::Database;

use super::catalogue::Catalogue;
use super::evidence::CheckKind;
use super::inspect::Asker;

pub(super) fn ready<C: LoadConnection<Backend = Pg>>(
    conn: &mut C,
    timeout: Duration,
) -> QueryResult<()> {
    conn.batch_execute(&format!(
        "SET statement_timeout TO {}; SET lock_timeout TO '5s'; \
         SET application_name TO 'migrate validate'",
        timeout.as_millis()
    ))
}

pub(super) fn ready_to_maintain<C: LoadConnection<Backend = Pg>>(
    conn: &mut C,
    timeout: Duration,
) -> QueryResult<()> {
    ready(conn, timeout)
}

pub(super) fn analyze<C: LoadConnection<Backend = Pg>>(
    conn: &mut C,
    schema: Option<&str>,
    table: &str,
) -> QueryResult<Option<String>> {
    maintained(conn, "ANALYZE", "analyze", (schema, table))
}

pub(super) fn vacuum<C: LoadConnection<Backend = Pg>>(
    conn: &mut C,
    schema: Option<&str>,
    table: &str,
) -> QueryResult<Option<String>> {
    maintained(conn, "VACUUM", "vacuum", (schema, table))
}

/// Who may not do it is passed over with a notice and no error: so the server is asked whether it was
/// done.
fn maintained<C: LoadConnection<Backend = Pg>>(
    conn: &mut C,
    statement: &str,
    counted: &str,
    (schema, table): (Option<&str>, &str),
) -> QueryResult<Option<String>> {
    let quote = |name: &str| Dialect::Postgres.quote_identifier(name);
    let name = match schema {
        Some(schema) => format!("{}.{}", quote(schema), quote(table)),
        None => quote(table),
    };
    let literal = Dialect::Postgres.quote_text(&name);
    // A partitioned table is vacuumed by its parts.
    let last = format!(
        "SELECT max(pg_stat_get_last_{counted}_time(t.it))::text FROM (\
         SELECT {literal}::regclass::oid AS it \
         UNION SELECT relid FROM pg_partition_tree({literal}::regclass)) t"
    );
    let ask = |conn: &mut C| -> QueryResult<Option<String>> {
        Ok(Pg::rows(conn, &last)?
            .into_iter()
            .flatten()
            .flatten()
            .next())
    };
    let before = ask(conn)?;
    conn.batch_execute(&format!("{statement} {name}"))?;
    // Before PostgreSQL 15 the server counts a little later.
    const PATIENCE: Duration = Duration::from_secs(3);
    let begun = Instant::now();
    while ask(conn)? == before {
        if begun.elapsed() > PATIENCE {
            let why = "the server passed it over, or does not count what it does: only the table's \
                       owner may";
            return Ok(Some(why.to_owned()));
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok(None)
}

pub(super) fn reading<C: LoadConnection<Backend = Pg>, T>(
    conn: &mut C,
    asker: Asker,
    work: impl FnOnce(&mut C) -> QueryResult<T>,
) -> QueryResult<T> {
    C::TransactionManager::begin_transaction(conn)?;
    // An index may be what is broken, and with row security off a hidden row is an error.
    let settings = match asker {
        Asker::System => {
            "SET TRANSACTION READ ONLY; SET LOCAL row_security TO off; \
             SET LOCAL search_path TO public; SET LOCAL constraint_exclusion TO off; \
             SET LOCAL enable_indexscan TO off; SET LOCAL enable_indexonlyscan TO off; \
             SET LOCAL enable_bitmapscan TO off"
        }
        Asker::User => "SET TRANSACTION READ ONLY",
    };
    let result = conn.batch_execute(settings).and_then(|()| work(conn));
    let end = C::TransactionManager::rollback_transaction(conn);
    let result = result?;
    end?;
    Ok(result)
}

pub(super) fn text(expression: &str) -> String {
    format!("({expression})::text")
}

pub(super) fn joined(columns: &[String]) -> String {
    format!("concat_ws('|', {})", columns.join(", "))
}

pub(super) fn whole_row(alias: &str) -> Option<String> {
    Some(format!("{alias}::text"))
}

/// Not `IS NULL`, which newer planners answer from the catalogue.
pub(super) fn any_null(columns: &[String]) -> String {
    format!("num_nulls({}) > 0", columns.join(", "))
}

/// No index is used anyway, and children have keys of their own.
pub(super) fn without_index(table: &str) -> String {
    table.to_owned()
}

/// The user's relations, without those of extensions.
const RELATIONS: &str = "WITH rel AS (SELECT c.*, n.nspname, \
     CASE WHEN n.nspname ~ '[.\"]' THEN '\"' || replace(n.nspname, '\"', '\"\"') || '\"' \
     ELSE n.nspname END || '.' || CASE WHEN c.relname ~ '[.\"]' \
     THEN '\"' || replace(c.relname, '\"', '\"\"') || '\"' ELSE c.relname END AS shown \
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
     WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' \
     AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_class'::regclass \
     AND d.objid = c.oid AND d.deptype = 'e'))";

pub(super) fn catalogue<C: LoadConnection<Backend = Pg>>(catalogue: &mut Catalogue<'_, C>) {
    let with = |sql: &str| format!("{RELATIONS} {sql}");
    catalogue.objects(
        CheckKind::Index,
        "the indexes",
        &with(
            "SELECT r.shown, CASE WHEN NOT i.indisvalid THEN 'is invalid: no query uses it, and a \
             unique one does not hold for rows that were there' WHEN NOT i.indisready \
             THEN 'is not kept up to date' END \
             FROM rel r JOIN pg_index i ON i.indexrelid = r.oid ORDER BY 1",
        ),
    );
    catalogue.objects(
        CheckKind::Unvalidated,
        "the constraints",
        &with(
            "SELECT r.shown || '.' || c.conname, 'is NOT VALID: it holds for new rows only', \
             'warning' FROM rel r JOIN pg_constraint c ON c.conrelid = r.oid \
             WHERE NOT c.convalidated ORDER BY 1",
        ),
    );
    catalogue.objects(
        CheckKind::Trigger,
        "the triggers",
        &with(
            "SELECT r.shown || '.' || coalesce(c.conname, t.tgname), \
             CASE WHEN c.oid IS NULL THEN 'is disabled' \
             ELSE 'is disabled: the foreign key is not enforced' END, \
             CASE WHEN c.oid IS NULL THEN 'warning' END \
             FROM rel r JOIN pg_trigger t ON t.tgrelid = r.oid AND t.tgenabled = 'D' \
             LEFT JOIN pg_constraint c ON c.oid = t.tgconstraint AND t.tgisinternal \
             GROUP BY r.shown, c.oid, c.conname, CASE WHEN c.oid IS NULL THEN t.tgname END, \
             coalesce(c.conname, t.tgname) ORDER BY 1",
        ),
    );
    catalogue.counters(
        "the sequences",
        &with(
            "SELECT r.shown || '.' || a.attname, quote_ident(a.attname), \
             format('%I.%I', r.nspname, r.relname), pg_sequence_last_value(d.objid)::text \
             FROM rel r JOIN pg_attribute a ON a.attrelid = r.oid AND NOT a.attisdropped \
             JOIN pg_depend d ON d.classid = 'pg_class'::regclass \
             AND d.refclassid = 'pg_class'::regclass AND d.refobjid = r.oid \
             AND d.refobjsubid = a.attnum AND d.deptype IN ('a', 'i') \
             JOIN pg_sequence s ON s.seqrelid = d.objid AND s.seqincrement > 0 \
             LEFT JOIN pg_attrdef f ON f.adrelid = r.oid AND f.adnum = a.attnum \
             WHERE r.relkind IN ('r', 'p') AND (a.attidentity <> '' OR EXISTS (SELECT 1 \
             FROM pg_depend u WHERE u.classid = 'pg_attrdef'::regclass AND u.objid = f.oid \
             AND u.refclassid = 'pg_class'::regclass AND u.refobjid = d.objid)) ORDER BY 1",
        ),
    );
    catalogue.objects(
        CheckKind::View,
        "the materialized views",
        &with(
            "SELECT r.shown, CASE WHEN NOT r.relispopulated \
             THEN 'has no rows until it is refreshed, and cannot be read' END \
             FROM rel r WHERE r.relkind = 'm' ORDER BY 1",
        ),
    );
    catalogue.privileges(&with(
        "SELECT r.nspname::text, r.shown, x.privilege_type || ' to ' || CASE WHEN x.grantee = 0 \
         THEN 'public' ELSE pg_get_userbyid(x.grantee)::text END FROM rel r \
         LEFT JOIN LATERAL aclexplode(r.relacl) x ON x.grantee <> r.relowner \
         WHERE r.relkind IN ('r', 'p') AND NOT r.relispartition \
         AND r.relname !~ '^_migrate_|^__diesel_schema|^_sqlx_'",
    ));
}

/// Conditions have literals, so only the lines that name a step are kept.
pub(super) fn plan<C: LoadConnection<Backend = Pg>>(
    conn: &mut C,
    sql: &str,
) -> QueryResult<Vec<String>> {
    let rows = Pg::rows(conn, &format!("EXPLAIN (COSTS OFF) {sql}"))?;
    let lines = rows.into_iter().flatten().flatten();
    let steps = lines.enumerate().filter_map(|(at, line)| {
        let step = line.trim().trim_start_matches("->").trim().to_owned();
        (at == 0 || line.trim_start().starts_with("->")).then_some(step)
    });
    Ok(steps.collect())
}
