//! PostgreSQL's catalogue, from version 12 on.

mod constraints;
mod indexes;
mod relations;
mod routines;
mod types;

use std::collections::{BTreeMap, BTreeSet};

use diesel::connection::{LoadConnection, TransactionManager};
use diesel::pg::Pg;
use migrate_core::Dialect;
use migrate_runtime::Database;
use migrate_sql::schema::{Column, Object, Schema};
use migrate_sql::{ColumnType, QualifiedName, dialect};

use super::fields::Fields;
use super::{IntrospectError, Options};

/// Reads the schema.
///
/// It is read in one transaction, so that it is of one moment, with a search path of its own, since
/// PostgreSQL spells names by it; both are taken back.
///
/// # Errors
/// What the database says.
pub fn read<C: LoadConnection<Backend = Pg>>(
    conn: &mut C,
    options: &Options,
) -> Result<Schema, IntrospectError> {
    C::TransactionManager::begin_transaction(conn)
        .map_err(IntrospectError::of("the beginning of a transaction"))?;
    let schema = Reading::new(conn, options).whole();
    let end = C::TransactionManager::rollback_transaction(conn)
        .map_err(IntrospectError::of("the end of the transaction"));
    let schema = schema?;
    end?;
    Ok(schema)
}

/// A reading on its way: what was read so far, by its oid.
struct Reading<'c, C> {
    conn: &'c mut C,
    options: &'c Options,
    default_schema: &'c str,
    /// Tables, views and sequences.
    relations: BTreeMap<String, Object>,
    /// Domains, whose checks come with all constraints.
    domains: BTreeMap<String, migrate_sql::schema::Domain>,
    /// The columns of composite types, by the oid of their relation.
    composites: BTreeMap<String, Vec<Column>>,
    schema: Schema,
}

impl<'c, C: LoadConnection<Backend = Pg>> Reading<'c, C> {
    fn new(conn: &'c mut C, options: &'c Options) -> Self {
        Reading {
            conn,
            options,
            default_schema: options.default_schema.as_deref().unwrap_or("public"),
            relations: BTreeMap::new(),
            domains: BTreeMap::new(),
            composites: BTreeMap::new(),
            schema: Schema::new(Dialect::Postgres),
        }
    }

    fn whole(mut self) -> Result<Schema, IntrospectError> {
        let path = Dialect::Postgres.quote_identifier(self.default_schema);
        self.conn
            .batch_execute(&format!("SET LOCAL search_path TO {path}"))
            .map_err(IntrospectError::of("the search path"))?;
        self.schemas()?;
        self.extensions()?;
        self.relations()?;
        self.inheritance()?;
        self.columns()?;
        self.types()?;
        self.constraints()?;
        self.indexes()?;
        self.triggers()?;
        self.policies()?;
        self.view_reads()?;
        self.routines()?;
        for object in std::mem::take(&mut self.relations).into_values() {
            self.schema.insert(object);
        }
        for domain in std::mem::take(&mut self.domains).into_values() {
            self.schema.insert(Object::Domain(domain));
        }
        Ok(self.schema)
    }

    fn rows(&mut self, reading: &'static str, sql: &str) -> Result<Vec<Fields>, IntrospectError> {
        let rows = Pg::rows(self.conn, sql).map_err(IntrospectError::of(reading))?;
        Ok(rows.into_iter().map(Fields::new).collect())
    }

    /// The name of an object whose schema stands before its name in the row.
    fn name(&self, fields: &mut Fields) -> QualifiedName {
        let schema = fields.text();
        QualifiedName {
            schema: (schema != self.default_schema).then_some(schema),
            name: fields.text(),
        }
    }

    fn table(&mut self, oid: &str) -> Option<&mut migrate_sql::schema::Table> {
        match self.relations.get_mut(oid) {
            Some(Object::Table(table)) => Some(table),
            _ => None,
        }
    }

    fn schemas(&mut self) -> Result<(), IntrospectError> {
        let sql = "SELECT n.nspname::text FROM pg_catalog.pg_namespace n \
                   WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' \
                   AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend d \
                   WHERE d.classid = 'pg_catalog.pg_namespace'::regclass \
                   AND d.objid = n.oid AND d.deptype = 'e')";
        for mut row in self.rows("the schemas", sql)? {
            let name = row.text();
            // `public` is in every new database.
            if name != self.default_schema && name != "public" {
                self.schema.insert(Object::Schema(name));
            }
        }
        Ok(())
    }

    fn extensions(&mut self) -> Result<(), IntrospectError> {
        // `plpgsql` is in every new database.
        let sql = "SELECT extname::text FROM pg_catalog.pg_extension WHERE extname <> 'plpgsql'";
        for mut row in self.rows("the extensions", sql)? {
            let name = row.text();
            self.schema
                .insert(Object::Extension(migrate_sql::schema::Extension {
                    name,
                    origin: None,
                }));
        }
        Ok(())
    }

    /// What views read, column by column.
    fn view_reads(&mut self) -> Result<(), IntrospectError> {
        let sql = "SELECT r.ev_class::text, n.nspname::text, c.relname::text, a.attname::text \
                   FROM pg_catalog.pg_depend d \
                   JOIN pg_catalog.pg_rewrite r ON r.oid = d.objid \
                   JOIN pg_catalog.pg_class c ON c.oid = d.refobjid AND c.oid <> r.ev_class \
                   JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
                   LEFT JOIN pg_catalog.pg_attribute a \
                   ON a.attrelid = c.oid AND a.attnum = d.refobjsubid AND a.attnum > 0 \
                   WHERE d.classid = 'pg_catalog.pg_rewrite'::regclass \
                   AND d.refclassid = 'pg_catalog.pg_class'::regclass \
                   AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'";
        for mut row in self.rows("what views read", sql)? {
            let view = row.text();
            let name = self.name(&mut row);
            if let Some(Object::View(view)) = self.relations.get_mut(&view) {
                let columns: &mut BTreeSet<String> = view.reads.entry(name).or_default();
                columns.extend(row.option());
            }
        }
        Ok(())
    }
}

fn column_type(text: &str) -> ColumnType {
    dialect::column_type(text, Dialect::Postgres)
}

fn expression(text: Option<String>) -> Option<migrate_sql::Expression> {
    super::expression(text, Dialect::Postgres)
}

/// The text with each run of white space as one space.
fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
