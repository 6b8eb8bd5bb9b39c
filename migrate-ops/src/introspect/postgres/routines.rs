//! Functions, procedures, aggregates.

use std::collections::BTreeMap;

use diesel::connection::LoadConnection;
use diesel::pg::Pg;
use migrate_sql::change::{RoutineKind, Touches};
use migrate_sql::schema::{Object, Routine};

use super::{IntrospectError, Reading, column_type, squeezed};

impl<C: LoadConnection<Backend = Pg>> Reading<'_, C> {
    pub(super) fn routines(&mut self) -> Result<(), IntrospectError> {
        // The constructors of range types are made with the type.
        let sql = "SELECT p.oid::text, n.nspname::text, p.proname::text, p.prokind::text, \
                   CASE WHEN p.prokind NOT IN ('p', 'a') AND NOT (p.proretset AND p.prorettype = \
                   'pg_catalog.record'::regtype) AND NOT COALESCE(p.proargmodes && '{o,b,t}'::\"char\"[], false) \
                   THEN pg_catalog.format_type(p.prorettype, NULL) END, p.proretset::text, \
                   p.prosrc, CASE WHEN p.prokind <> 'a' THEN pg_catalog.pg_get_functiondef(p.oid) END, \
                   pg_catalog.format_type(k.type, NULL) \
                   FROM pg_catalog.pg_proc p \
                   JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace \
                   LEFT JOIN LATERAL pg_catalog.unnest(p.proargtypes) WITH ORDINALITY k (type, place) \
                   ON true \
                   WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' \
                   AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend d \
                   WHERE d.classid = 'pg_catalog.pg_proc'::regclass \
                   AND d.objid = p.oid AND d.deptype IN ('e', 'i')) \
                   ORDER BY p.oid, k.place";
        let mut routines: BTreeMap<String, Routine> = BTreeMap::new();
        for mut row in self.rows("the routines", sql)? {
            let oid = row.text();
            let name = self.name(&mut row);
            let kind = match row.text().as_str() {
                "p" => RoutineKind::Procedure,
                "a" => RoutineKind::Aggregate,
                _ => RoutineKind::Function,
            };
            let result = row.option().map(|text| column_type(&text).to_string());
            let result = match row.flag() {
                true => result.map(|text| format!("SETOF {text}")),
                false => result,
            };
            let body = squeezed(&row.text());
            let statement = row.option();
            let routine = routines.entry(oid).or_insert_with(|| Routine {
                name,
                kind,
                arguments: Some(Vec::new()),
                returns: result,
                body,
                touches: Touches::Everything,
                program: None,
                statement,
                origin: None,
            });
            if let (Some(arguments), Some(text)) = (&mut routine.arguments, row.option()) {
                arguments.push(column_type(&text).to_string());
            }
        }
        for routine in routines.into_values() {
            self.schema.insert(Object::Routine(routine));
        }
        Ok(())
    }
}
