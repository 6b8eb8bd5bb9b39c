//! Types and domains.

use diesel::connection::LoadConnection;
use diesel::pg::Pg;
use migrate_sql::change::TypeKind;
use migrate_sql::schema::{Domain, Object, TypeDefinition};
use migrate_sql::{Ident, Span};

use super::{IntrospectError, Reading, column_type, expression};

impl<C: LoadConnection<Backend = Pg>> Reading<'_, C> {
    /// Row types of tables, array types and the multiranges that come with ranges are left out:
    /// they come and go with what they are made for.
    pub(super) fn types(&mut self) -> Result<(), IntrospectError> {
        let sql = "SELECT n.nspname::text, t.typname::text, t.oid::text, t.typtype::text, \
                   t.typrelid::text, pg_catalog.format_type(t.typbasetype, t.typtypmod), \
                   t.typnotnull::text, t.typdefault, e.enumlabel::text, \
                   pg_catalog.format('CREATE TYPE %I.%I AS RANGE (SUBTYPE = %s)', n.nspname, \
                   t.typname, (SELECT pg_catalog.format_type(r.rngsubtype, NULL) \
                   FROM pg_catalog.pg_range r WHERE r.rngtypid = t.oid)) \
                   FROM pg_catalog.pg_type t \
                   JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace \
                   LEFT JOIN pg_catalog.pg_class c ON c.oid = t.typrelid \
                   LEFT JOIN pg_catalog.pg_enum e ON e.enumtypid = t.oid \
                   WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' \
                   AND (t.typtype IN ('e', 'd', 'r', 'p') OR t.typtype = 'c' AND c.relkind = 'c' \
                   OR t.typtype = 'b' AND t.typcategory <> 'A') \
                   AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend d \
                   WHERE d.classid = 'pg_catalog.pg_type'::regclass \
                   AND d.objid = t.oid AND d.deptype = 'e') \
                   ORDER BY t.oid, e.enumsortorder";
        let mut last = String::new();
        for mut row in self.rows("the types", sql)? {
            let name = self.name(&mut row);
            let (oid, kind, relation) = (row.text(), row.text(), row.text());
            let (base, not_null, default) = (row.text(), row.flag(), row.option());
            let (label, range) = (row.option(), row.option());
            let kind = match kind.as_str() {
                "d" => {
                    let domain = Domain {
                        name,
                        base: column_type(&base),
                        not_null,
                        default: expression(default),
                        checks: Vec::new(),
                        origin: None,
                    };
                    self.domains.insert(oid, domain);
                    continue;
                }
                "e" if oid == last => {
                    self.add_label(&name, label.unwrap_or_default());
                    continue;
                }
                "e" => TypeKind::Enum(label.into_iter().collect()),
                "c" => TypeKind::Composite(
                    self.composites
                        .remove(&relation)
                        .unwrap_or_default()
                        .into_iter()
                        .map(|column| {
                            let name = Ident::new(column.name, Span::default());
                            (name, column.column_type.unwrap_or_default())
                        })
                        .collect(),
                ),
                "r" => TypeKind::Range,
                _ => TypeKind::Base,
            };
            last = oid;
            self.schema.insert(Object::Type(TypeDefinition {
                name,
                statement: range.filter(|_| kind == TypeKind::Range),
                kind,
                origin: None,
            }));
        }
        Ok(())
    }

    /// The next value of an enum.
    fn add_label(&mut self, name: &migrate_sql::QualifiedName, label: String) {
        let id = migrate_sql::schema::ObjectId::new(
            migrate_sql::schema::Class::Type,
            name.clone(),
            migrate_core::Dialect::Postgres,
        );
        let Some(Object::Type(definition)) = self.schema.get(&id) else {
            return;
        };
        let mut definition = definition.clone();
        if let TypeKind::Enum(labels) = &mut definition.kind {
            labels.push(label);
        }
        self.schema.insert(Object::Type(definition));
    }
}
