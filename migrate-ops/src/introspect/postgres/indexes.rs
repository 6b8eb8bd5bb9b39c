//! Indexes, triggers, policies.

use diesel::connection::LoadConnection;
use diesel::pg::Pg;
use migrate_sql::QualifiedName;
use migrate_sql::change::TriggerTiming;
use migrate_sql::schema::{Index, IndexKey, Object, Policy, Reads, Trigger};

use super::{IntrospectError, Reading, expression, squeezed};

impl<C: LoadConnection<Backend = Pg>> Reading<'_, C> {
    pub(super) fn indexes(&mut self) -> Result<(), IntrospectError> {
        // One row for each place of an index. `default` is the collation of an expression that has
        // none of its own.
        let sql = "SELECT i.indrelid::text, i.indexrelid::text, x.relname::text, \
                   i.indisunique::text, i.indisvalid::text, m.amname::text, \
                   pg_catalog.pg_get_expr(i.indpred, i.indrelid), \
                   pg_catalog.to_jsonb(i) ->> 'indnullsnotdistinct', \
                   (k.place > i.indnkeyatts)::text, a.attname::text, \
                   pg_catalog.pg_get_indexdef(i.indexrelid, k.place, false), \
                   (i.indoption[k.place - 1] & 1 = 1)::text, \
                   (i.indoption[k.place - 1] & 2 = 2)::text, \
                   CASE WHEN i.indcollation[k.place - 1] <> COALESCE(a.attcollation, 100) \
                   THEN l.collname::text END, \
                   CASE WHEN NOT o.opcdefault THEN o.opcname::text END \
                   FROM pg_catalog.pg_index i \
                   JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid \
                   JOIN pg_catalog.pg_namespace n ON n.oid = x.relnamespace \
                   JOIN pg_catalog.pg_am m ON m.oid = x.relam \
                   CROSS JOIN LATERAL pg_catalog.generate_series(1, i.indnatts) k (place) \
                   LEFT JOIN pg_catalog.pg_attribute a \
                   ON a.attrelid = i.indrelid AND a.attnum = i.indkey[k.place - 1] \
                   LEFT JOIN pg_catalog.pg_opclass o ON o.oid = i.indclass[k.place - 1] \
                   LEFT JOIN pg_catalog.pg_collation l ON l.oid = i.indcollation[k.place - 1] \
                   WHERE n.nspname !~ '^pg_' AND NOT EXISTS \
                   (SELECT 1 FROM pg_catalog.pg_constraint c \
                   WHERE c.conindid = i.indexrelid AND c.contype IN ('p', 'u', 'x')) \
                   ORDER BY i.indexrelid, k.place";
        let mut last = String::new();
        for mut row in self.rows("the indexes", sql)? {
            let (relation, oid) = (row.text(), row.text());
            let indexes = match self.relations.get_mut(&relation) {
                Some(Object::Table(table)) => &mut table.indexes,
                Some(Object::View(view)) => &mut view.indexes,
                _ => continue,
            };
            let name = row.text();
            let (unique, valid, method) = (row.flag(), row.flag(), row.text());
            let predicate = expression(row.option());
            let nulls_not_distinct = row.flag();
            if oid != last {
                last = oid;
                indexes.push(Index {
                    name,
                    unique,
                    method,
                    keys: Vec::new(),
                    include: Vec::new(),
                    nulls_not_distinct,
                    predicate,
                    valid,
                    implicit: false,
                    origin: None,
                });
            }
            let Some(index) = indexes.last_mut() else {
                continue;
            };
            let (included, column, text) = (row.flag(), row.option(), row.option());
            if included {
                index.include.extend(column);
                continue;
            }
            let (descending, nulls_first) = (row.flag(), row.flag());
            index.keys.push(IndexKey {
                expression: expression(text.filter(|_| column.is_none())),
                column,
                descending,
                nulls_first: (nulls_first != descending).then_some(nulls_first),
                collation: row.option(),
                operator_class: row.option(),
                prefix: None,
            });
        }
        Ok(())
    }

    pub(super) fn triggers(&mut self) -> Result<(), IntrospectError> {
        let sql = "SELECT t.tgrelid::text, t.tgname::text, (t.tgtype & 2 = 2)::text, \
                   (t.tgtype & 64 = 64)::text, n.nspname::text, p.proname::text, \
                   pg_catalog.pg_get_triggerdef(t.oid) \
                   FROM pg_catalog.pg_trigger t \
                   JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid \
                   JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace \
                   WHERE NOT t.tgisinternal ORDER BY t.oid";
        for mut row in self.rows("the triggers", sql)? {
            let (relation, name) = (row.text(), row.text());
            let (before, instead) = (row.flag(), row.flag());
            let function = self.name(&mut row);
            // Functions of PostgreSQL itself are named in scripts without a schema.
            let function = match function.schema.as_deref() {
                Some("pg_catalog") => QualifiedName::unqualified(function.name),
                _ => function,
            };
            let definition = row.text();
            let trigger = Trigger {
                name,
                timing: match (before, instead) {
                    (true, _) => TriggerTiming::Before,
                    (_, true) => TriggerTiming::InsteadOf,
                    _ => TriggerTiming::After,
                },
                function: Some(function),
                definition: squeezed(&definition),
                columns: Vec::new(),
                statement: Some(definition),
                origin: None,
            };
            match self.relations.get_mut(&relation) {
                Some(Object::Table(table)) => table.triggers.push(trigger),
                Some(Object::View(view)) => view.triggers.push(trigger),
                _ => {}
            }
        }
        Ok(())
    }

    pub(super) fn policies(&mut self) -> Result<(), IntrospectError> {
        let sql = "SELECT polrelid::text, polname::text, \
                   pg_catalog.pg_get_expr(polqual, polrelid), \
                   pg_catalog.pg_get_expr(polwithcheck, polrelid), \
                   pg_catalog.format('CREATE POLICY %I ON %s%s FOR %s TO %s%s%s', polname, \
                   polrelid::regclass, CASE WHEN polpermissive THEN '' ELSE ' AS RESTRICTIVE' END, \
                   CASE polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' \
                   WHEN 'd' THEN 'DELETE' ELSE 'ALL' END, \
                   (SELECT pg_catalog.string_agg(CASE WHEN role = 0 THEN 'PUBLIC' \
                   ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(role)) END, ', ') \
                   FROM pg_catalog.unnest(polroles) role), \
                   ' USING (' || pg_catalog.pg_get_expr(polqual, polrelid) || ')', \
                   ' WITH CHECK (' || pg_catalog.pg_get_expr(polwithcheck, polrelid) || ')') \
                   FROM pg_catalog.pg_policy ORDER BY oid";
        for mut row in self.rows("the policies", sql)? {
            let (relation, name) = (row.text(), row.text());
            let policy = Policy {
                name,
                expressions: [row.option(), row.option()]
                    .into_iter()
                    .filter_map(expression)
                    .collect(),
                reads: Reads::new(),
                statement: row.option(),
                origin: None,
            };
            if let Some(table) = self.table(&relation) {
                table.policies.push(policy);
            }
        }
        Ok(())
    }
}
