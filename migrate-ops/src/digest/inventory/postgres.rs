//! PostgreSQL's catalogue. The search path is pinned, so that every name is spelt with its schema.

use diesel::connection::LoadConnection;
use diesel::pg::Pg;
use migrate_runtime::Database;

use super::evidence::Inventory;
use super::{DigestError, Entries};

/// The schemas that are the user's, and what of them belongs to no extension.
const MINE: &str = "WITH mine AS (SELECT n.oid, n.nspname, n.nspacl, n.nspowner \
     FROM pg_namespace n WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'), \
     owned AS (SELECT d.classid, d.objid FROM pg_depend d WHERE d.deptype = 'e'), \
     rel AS (SELECT c.*, s.nspname FROM pg_class c JOIN mine s ON s.oid = c.relnamespace \
     WHERE NOT EXISTS (SELECT 1 FROM owned o WHERE o.classid = 'pg_class'::regclass \
     AND o.objid = c.oid)), \
     proc AS (SELECT p.*, format('%I.%I(%s)', s.nspname, p.proname, \
     pg_get_function_identity_arguments(p.oid)) AS sign FROM pg_proc p \
     JOIN mine s ON s.oid = p.pronamespace \
     WHERE NOT EXISTS (SELECT 1 FROM owned o WHERE o.classid = 'pg_proc'::regclass \
     AND o.objid = p.oid)) ";

/// Each gives kind, name and definition.
const OBJECTS: [&str; 12] = [
    "SELECT CASE relkind WHEN 'v' THEN 'view' ELSE 'materialized view' END, \
     format('%I.%I', nspname, relname), concat_ws('|', pg_get_viewdef(oid), relkind, \
     array_to_string(reloptions, ',')) FROM rel WHERE relkind IN ('v', 'm')",
    "SELECT 'column', format('%I.%I.%I', r.nspname, r.relname, a.attname), \
     concat_ws('|', format_type(a.atttypid, a.atttypmod), a.attnotnull::text, a.attidentity, \
     a.attgenerated, a.attcollation::regcollation::text, pg_get_expr(d.adbin, d.adrelid)) \
     FROM rel r JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped \
     LEFT JOIN pg_attrdef d ON d.adrelid = r.oid AND d.adnum = a.attnum \
     WHERE r.relkind IN ('r', 'p', 'f', 'c')",
    "SELECT 'index', format('%I.%I', r.nspname, r.relname), concat_ws('|', \
     pg_get_indexdef(r.oid), i.indisvalid::text, i.indisclustered::text) \
     FROM rel r JOIN pg_index i ON i.indexrelid = r.oid",
    "SELECT 'constraint', format('%I.%I.%I', r.nspname, r.relname, c.conname), \
     concat_ws('|', pg_get_constraintdef(c.oid), c.convalidated::text) \
     FROM rel r JOIN pg_constraint c ON c.conrelid = r.oid",
    "SELECT 'trigger', format('%I.%I.%I', r.nspname, r.relname, t.tgname), \
     concat_ws('|', pg_get_triggerdef(t.oid), t.tgenabled) \
     FROM rel r JOIN pg_trigger t ON t.tgrelid = r.oid AND NOT t.tgisinternal",
    "SELECT 'event trigger', evtname::text, concat_ws('|', evtevent, evtfoid::regprocedure::text, \
     evtenabled, array_to_string(evttags, ',')) FROM pg_event_trigger",
    "SELECT 'rule', format('%I.%I.%I', r.nspname, r.relname, w.rulename), \
     concat_ws('|', pg_get_ruledef(w.oid), w.ev_enabled) \
     FROM rel r JOIN pg_rewrite w ON w.ev_class = r.oid AND w.rulename <> '_RETURN'",
    "SELECT 'policy', format('%I.%I.%I', r.nspname, r.relname, p.polname), \
     concat_ws('|', p.polcmd, p.polpermissive::text, pg_get_expr(p.polqual, p.polrelid), '|', \
     pg_get_expr(p.polwithcheck, p.polrelid), (SELECT string_agg(CASE WHEN x = 0 THEN 'public' \
     ELSE pg_get_userbyid(x) END, ',' ORDER BY x) FROM unnest(p.polroles) x)) \
     FROM rel r JOIN pg_policy p ON p.polrelid = r.oid",
    "SELECT 'routine', sign, CASE WHEN prokind = 'a' THEN (SELECT concat_ws('|', \
     a.aggtransfn::text, a.aggfinalfn::text, a.agginitval) FROM pg_aggregate a \
     WHERE a.aggfnoid = proc.oid) ELSE pg_get_functiondef(oid) END FROM proc",
    "SELECT 'type', format('%I.%I', s.nspname, t.typname), CASE WHEN t.typtype = 'e' THEN \
     concat('', (SELECT string_agg(quote_literal(e.enumlabel), ',' ORDER BY e.enumsortorder) \
     FROM pg_enum e WHERE e.enumtypid = t.oid)) ELSE concat_ws('|', format_type(t.typbasetype, t.typtypmod), \
     t.typnotnull::text, t.typdefault, (SELECT string_agg(pg_get_constraintdef(c.oid), ',' \
     ORDER BY c.conname) FROM pg_constraint c WHERE c.contypid = t.oid)) END \
     FROM pg_type t JOIN mine s ON s.oid = t.typnamespace WHERE t.typtype IN ('e', 'd') \
     AND NOT EXISTS (SELECT 1 FROM owned o WHERE o.classid = 'pg_type'::regclass \
     AND o.objid = t.oid)",
    "SELECT 'owner', format('%I.%I', nspname, relname), pg_get_userbyid(relowner)::text FROM rel \
     WHERE relkind IN ('r', 'p', 'v', 'm', 'S', 'f') \
     UNION ALL SELECT 'owner', sign, pg_get_userbyid(proowner)::text FROM proc \
     UNION ALL SELECT 'owner', quote_ident(nspname), pg_get_userbyid(nspowner)::text FROM mine",
    "SELECT 'grant', format('%s %s %s', g.object, x.privilege_type, CASE WHEN x.grantee = 0 \
     THEN 'public' ELSE pg_get_userbyid(x.grantee)::text END), bool_or(x.is_grantable)::text FROM (\
     SELECT format('%I.%I', nspname, relname) AS object, coalesce(relacl, acldefault(\
     CASE relkind WHEN 'S' THEN 's'::\"char\" ELSE 'r'::\"char\" END, relowner)) AS acl \
     FROM rel WHERE relkind IN ('r', 'p', 'v', 'm', 'S', 'f') \
     UNION ALL SELECT format('%I.%I.%I', r.nspname, r.relname, a.attname), a.attacl FROM rel r \
     JOIN pg_attribute a ON a.attrelid = r.oid AND a.attacl IS NOT NULL \
     UNION ALL SELECT sign, coalesce(proacl, acldefault('f', proowner)) FROM proc \
     UNION ALL SELECT quote_ident(nspname), coalesce(nspacl, acldefault('n', nspowner)) FROM mine\
     ) g CROSS JOIN LATERAL aclexplode(g.acl) x GROUP BY 2",
];

pub(in crate::digest) fn read<C: LoadConnection<Backend = Pg>>(
    conn: &mut C,
) -> Result<Inventory, DigestError> {
    let mut entries = Entries::default();
    for sql in OBJECTS {
        let sql = format!(
            "{MINE} SELECT kind::text, name::text, definition::text \
             FROM ({sql}) it (kind, name, definition)"
        );
        entries.add(Pg::rows(conn, &sql).map_err(DigestError::of("the objects"))?)?;
    }
    let sql = format!(
        "{MINE} SELECT format('%I.%I', r.nspname, r.relname), \
         pg_sequence_last_value(r.oid)::text, s.seqincrement::text \
         FROM rel r JOIN pg_sequence s ON s.seqrelid = r.oid"
    );
    entries.add_sequences(Pg::rows(conn, &sql).map_err(DigestError::of("the sequences"))?);
    Ok(entries.done())
}
