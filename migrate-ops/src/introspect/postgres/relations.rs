//! Tables, views, sequences and their columns.

use diesel::connection::LoadConnection;
use diesel::pg::Pg;
use migrate_core::Dialect;
use migrate_sql::QualifiedName;
use migrate_sql::change::{Generated, Identity, Partition};
use migrate_sql::schema::{Column, Object, Reads, Sequence, Table, View};

use super::{IntrospectError, Reading, column_type, expression, squeezed};

impl<C: LoadConnection<Backend = Pg>> Reading<'_, C> {
    pub(super) fn relations(&mut self) -> Result<(), IntrospectError> {
        let sql = "SELECT n.nspname::text, c.relname::text, c.oid::text, c.relkind::text, \
                   (c.relpersistence = 'u')::text, c.relrowsecurity::text, \
                   c.relforcerowsecurity::text, pg_catalog.pg_get_expr(c.relpartbound, c.oid), \
                   CASE WHEN s.seqstart <> 1 OR s.seqincrement <> 1 OR s.seqmin <> 1 \
                   OR s.seqcache <> 1 OR s.seqcycle OR s.seqmax NOT IN \
                   (32767, 2147483647, 9223372036854775807) THEN pg_catalog.format('CREATE SEQUENCE \
                   %I.%I AS %s INCREMENT BY %s MINVALUE %s MAXVALUE %s START WITH %s CACHE %s%s', \
                   n.nspname, c.relname, pg_catalog.format_type(s.seqtypid, NULL), s.seqincrement, \
                   s.seqmin, s.seqmax, s.seqstart, s.seqcache, \
                   CASE WHEN s.seqcycle THEN ' CYCLE' ELSE '' END) END, \
                   pg_catalog.pg_get_partkeydef(c.oid), \
                   CASE WHEN c.relkind IN ('v', 'm') THEN pg_catalog.pg_get_viewdef(c.oid) END, \
                   pg_catalog.format_type(s.seqtypid, NULL), \
                   own.nspname::text, owner.relname::text, a.attname::text \
                   FROM pg_catalog.pg_class c \
                   JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
                   LEFT JOIN pg_catalog.pg_sequence s ON s.seqrelid = c.oid \
                   LEFT JOIN pg_catalog.pg_depend d ON c.relkind = 'S' \
                   AND d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid \
                   AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjsubid > 0 \
                   AND d.deptype IN ('a', 'i') \
                   LEFT JOIN pg_catalog.pg_class owner ON owner.oid = d.refobjid \
                   LEFT JOIN pg_catalog.pg_namespace own ON own.oid = owner.relnamespace \
                   LEFT JOIN pg_catalog.pg_attribute a \
                   ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid \
                   WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm', 'S') \
                   AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' \
                   AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend e \
                   WHERE e.classid = 'pg_catalog.pg_class'::regclass \
                   AND e.objid = c.oid AND e.deptype = 'e')";
        for mut row in self.rows("the tables", sql)? {
            let name = self.name(&mut row);
            let (oid, kind, unlogged) = (row.text(), row.text(), row.flag());
            let (row_security, forced_row_security) = (row.flag(), row.flag());
            let (bounds, sequence) = (row.option(), row.option());
            let (partition_by, definition) = (row.option(), row.option());
            let sequence_type = row.option();
            let object = match kind.as_str() {
                "S" => {
                    let owner = row.option().map(|schema| {
                        let schema = (schema != self.default_schema).then_some(schema);
                        let name = row.text();
                        (migrate_sql::QualifiedName { schema, name }, row.text())
                    });
                    if owner
                        .as_ref()
                        .is_some_and(|(table, _)| self.options.leaves_out(&table.name))
                    {
                        continue;
                    }
                    Object::Sequence(Sequence {
                        name,
                        column_type: column_type(sequence_type.as_deref().unwrap_or("bigint")),
                        owned_by: owner,
                        statement: sequence,
                        origin: None,
                    })
                }
                "v" | "m" => Object::View(View {
                    statement: definition
                        .as_deref()
                        .map(|query| create_view(&name, kind == "m", query)),
                    name,
                    materialized: kind == "m",
                    columns: Some(Vec::new()),
                    reads: Reads::new(),
                    text: squeezed(definition.as_deref().unwrap_or_default())
                        .trim_end_matches(';')
                        .to_owned(),
                    indexes: Vec::new(),
                    triggers: Vec::new(),
                    origin: None,
                }),
                _ if self.options.leaves_out(&name.name) => continue,
                _ => Object::Table(Table {
                    foreign: kind == "f",
                    unlogged,
                    row_security,
                    forced_row_security,
                    bounds: bounds.map(partition_bounds),
                    partition_by,
                    ..Table::new(name)
                }),
            };
            self.relations.insert(oid, object);
        }
        Ok(())
    }

    pub(super) fn inheritance(&mut self) -> Result<(), IntrospectError> {
        let sql = "SELECT i.inhrelid::text, c.relispartition::text, n.nspname::text, \
                   p.relname::text FROM pg_catalog.pg_inherits i \
                   JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid \
                   JOIN pg_catalog.pg_class p ON p.oid = i.inhparent \
                   JOIN pg_catalog.pg_namespace n ON n.oid = p.relnamespace \
                   ORDER BY i.inhrelid, i.inhseqno";
        for mut row in self.rows("the parents of tables", sql)? {
            let (child, partition) = (row.text(), row.flag());
            let parent = self.name(&mut row);
            if let Some(table) = self.table(&child) {
                if partition {
                    table.partition_of = Some(parent);
                } else {
                    table.inherits.push(parent);
                }
            }
        }
        Ok(())
    }

    pub(super) fn columns(&mut self) -> Result<(), IntrospectError> {
        // A serial column's default is that of the sequence which it owns.
        let sql = "SELECT a.attrelid::text, a.attname::text, \
                   pg_catalog.format_type(a.atttypid, a.atttypmod), (NOT a.attnotnull)::text, \
                   a.attidentity::text, a.attgenerated::text, \
                   pg_catalog.pg_get_expr(d.adbin, d.adrelid), \
                   CASE WHEN a.attcollation <> t.typcollation THEN l.collname::text END, \
                   (EXISTS (SELECT 1 FROM pg_catalog.pg_depend o \
                   JOIN pg_catalog.pg_depend u ON u.refobjid = o.objid \
                   AND u.refclassid = o.classid \
                   AND u.classid = 'pg_catalog.pg_attrdef'::regclass AND u.objid = d.oid \
                   WHERE o.classid = 'pg_catalog.pg_class'::regclass AND o.deptype = 'a' \
                   AND o.refclassid = 'pg_catalog.pg_class'::regclass \
                   AND o.refobjid = a.attrelid AND o.refobjsubid = a.attnum))::text, \
                   c.relkind::text \
                   FROM pg_catalog.pg_attribute a \
                   JOIN pg_catalog.pg_class c ON c.oid = a.attrelid \
                   JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
                   JOIN pg_catalog.pg_type t ON t.oid = a.atttypid \
                   LEFT JOIN pg_catalog.pg_collation l ON l.oid = a.attcollation \
                   LEFT JOIN pg_catalog.pg_attrdef d \
                   ON d.adrelid = a.attrelid AND d.adnum = a.attnum \
                   WHERE a.attnum > 0 AND NOT a.attisdropped \
                   AND c.relkind IN ('r', 'p', 'f', 'v', 'm', 'c') \
                   AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' \
                   ORDER BY a.attrelid, a.attnum";
        for mut row in self.rows("the columns", sql)? {
            let (relation, name, type_name) = (row.text(), row.text(), row.text());
            let nullable = row.flag();
            let identity = match row.text().as_str() {
                "a" => Some(Identity::Always),
                "d" => Some(Identity::ByDefault),
                _ => None,
            };
            let generated = row.text();
            // DEFAULT NULL is no default, though PostgreSQL keeps it with its type.
            let is_null = |text: &String| text == "NULL" || text.starts_with("NULL::");
            let default = expression(row.option().filter(|text| !is_null(text)));
            let collation = row.option();
            let serial = row.flag()
                && default
                    .as_ref()
                    .is_some_and(|default| default.text.starts_with("nextval("));
            let (default, generated) = match (default, generated.as_str()) {
                (Some(expression), "s" | "v") => {
                    let stored = generated == "s";
                    (None, Some(Generated { expression, stored }))
                }
                (default, _) => (default.filter(|_| !serial), None),
            };
            let column = Column {
                name,
                column_type: Some(column_type(&type_name)),
                nullable,
                default,
                on_update: None,
                generated,
                identity,
                auto_increment: serial,
                collation,
                charset: None,
                hidden: false,
                origin: None,
            };
            match self.relations.get_mut(&relation) {
                Some(Object::Table(table)) => table.columns.push(column),
                Some(Object::View(view)) => {
                    view.columns.get_or_insert_default().push(column.name);
                }
                _ if row.text() == "c" => {
                    self.composites.entry(relation).or_default().push(column);
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// The statement that makes a view, from the query that PostgreSQL keeps.
fn create_view(name: &QualifiedName, materialized: bool, query: &str) -> String {
    let materialized = if materialized { "MATERIALIZED " } else { "" };
    let quoted = Dialect::Postgres.quote_identifier(&name.name);
    let query = query.trim().trim_end_matches(';');
    format!("CREATE {materialized}VIEW {quoted} AS {query}")
}

/// Bounds as `pg_get_expr` gives them: `FOR VALUES …` or `DEFAULT`.
fn partition_bounds(text: String) -> Partition {
    match text.as_str() {
        "DEFAULT" => Partition::Default,
        _ => Partition::Values(text),
    }
}
