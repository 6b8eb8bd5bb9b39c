//! Keys, foreign keys, checks.

use std::collections::BTreeMap;

use diesel::connection::LoadConnection;
use diesel::pg::Pg;
use migrate_sql::change::ForeignKeyAction;
use migrate_sql::schema::{Constraint, ForeignKey, Key};

/// The columns of a key, and those that it references.
type ColumnPair = (Vec<String>, Vec<String>);

use super::{IntrospectError, Reading, expression, squeezed};

impl<C: LoadConnection<Backend = Pg>> Reading<'_, C> {
    pub(super) fn constraints(&mut self) -> Result<(), IntrospectError> {
        let columns = self.constraint_columns()?;
        // A partitioned table that is referenced has inner foreign keys for its partitions, on the
        // side of the referencing table; they have no triggers of their own and are no object of a
        // script. `indnullsnotdistinct` is there since version 15.
        let sql = "SELECT c.oid::text, c.conrelid::text, c.contypid::text, c.conname::text, \
                   c.contype::text, c.convalidated::text, c.condeferrable::text, c.condeferred::text, \
                   c.confupdtype::text, c.confdeltype::text, \
                   CASE c.contype WHEN 'c' THEN pg_catalog.pg_get_expr(c.conbin, c.conrelid) \
                   WHEN 'x' THEN pg_catalog.pg_get_constraintdef(c.oid) END, \
                   pg_catalog.to_jsonb(i) ->> 'indnullsnotdistinct', \
                   rn.nspname::text, r.relname::text \
                   FROM pg_catalog.pg_constraint c \
                   JOIN pg_catalog.pg_namespace n ON n.oid = c.connamespace \
                   LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = c.conindid \
                   AND c.contype IN ('p', 'u') \
                   LEFT JOIN pg_catalog.pg_class r ON r.oid = c.confrelid \
                   LEFT JOIN pg_catalog.pg_namespace rn ON rn.oid = r.relnamespace \
                   WHERE c.contype IN ('p', 'u', 'f', 'c', 'x') \
                   AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' \
                   AND NOT (c.contype = 'f' AND c.conparentid <> 0 AND EXISTS \
                   (SELECT 1 FROM pg_catalog.pg_constraint p \
                   WHERE p.oid = c.conparentid AND p.conrelid = c.conrelid)) \
                   ORDER BY c.oid";
        for mut row in self.rows("the constraints", sql)? {
            let (oid, table, domain) = (row.text(), row.text(), row.text());
            let (name, kind) = (row.text(), row.text());
            let (validated, deferrable) = (row.flag(), row.flag());
            let initially_deferred = row.flag();
            let (on_update, on_delete) = (action(&row.text()), action(&row.text()));
            let definition = row.option();
            let nulls_not_distinct = row.flag();
            let (own, referenced) = columns.get(&oid).cloned().unwrap_or_default();
            let key = Key {
                name: name.clone(),
                columns: own.clone(),
                nulls_not_distinct,
                deferrable,
                initially_deferred,
                origin: None,
            };
            let constraint = Constraint {
                name: name.clone(),
                check: expression(definition.clone().filter(|_| kind == "c")),
                exclude: definition
                    .filter(|_| kind == "x")
                    .map(|text| squeezed(text.trim_start_matches("EXCLUDE "))),
                validated,
                origin: None,
            };
            if let Some(domain) = self.domains.get_mut(&domain) {
                domain.checks.push(constraint);
                continue;
            }
            let references = (kind == "f").then(|| self.name(&mut row));
            let Some(table) = self.table(&table) else {
                continue;
            };
            match (kind.as_str(), references) {
                ("p", _) => table.primary_key = Some(key),
                ("u", _) => table.unique.push(key),
                (_, Some(references)) => table.foreign_keys.push(ForeignKey {
                    name,
                    columns: own,
                    references,
                    referenced_columns: referenced,
                    on_delete,
                    on_update,
                    deferrable,
                    initially_deferred,
                    validated,
                    origin: None,
                }),
                _ => table.constraints.push(constraint),
            }
        }
        Ok(())
    }

    /// The columns of each constraint, and those that it references.
    fn constraint_columns(&mut self) -> Result<BTreeMap<String, ColumnPair>, IntrospectError> {
        let sql = "SELECT c.oid::text, a.attname::text, f.attname::text \
                   FROM pg_catalog.pg_constraint c \
                   CROSS JOIN LATERAL pg_catalog.unnest(c.conkey) WITH ORDINALITY k (num, place) \
                   JOIN pg_catalog.pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.num \
                   LEFT JOIN pg_catalog.pg_attribute f \
                   ON f.attrelid = c.confrelid AND f.attnum = c.confkey[k.place] \
                   WHERE c.contype IN ('p', 'u', 'f') ORDER BY c.oid, k.place";
        let mut columns: BTreeMap<String, (Vec<String>, Vec<String>)> = BTreeMap::new();
        for mut row in self.rows("the columns of constraints", sql)? {
            let (own, referenced) = columns.entry(row.text()).or_default();
            own.push(row.text());
            referenced.extend(row.option());
        }
        Ok(columns)
    }
}

fn action(code: &str) -> ForeignKeyAction {
    match code {
        "r" => ForeignKeyAction::Restrict,
        "c" => ForeignKeyAction::Cascade,
        "n" => ForeignKeyAction::SetNull,
        "d" => ForeignKeyAction::SetDefault,
        _ => ForeignKeyAction::NoAction,
    }
}
