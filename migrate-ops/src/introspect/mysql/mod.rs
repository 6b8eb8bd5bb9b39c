//! The `information_schema` of MySQL and MariaDB: the current database.

mod columns;
mod keys;
mod routines;
mod statement;

use std::collections::BTreeMap;

use diesel::connection::LoadConnection;
use diesel::mysql::Mysql;
use migrate_core::Dialect;
use migrate_runtime::Database;
use migrate_sql::change::TriggerTiming;
use migrate_sql::schema::{Object, Reads, Schema, Sequence, Table, Trigger, View};
use migrate_sql::{ColumnType, QualifiedName, dialect};

use super::fields::Fields;
use super::{IntrospectError, Options};

/// Reads the schema of the current database.
///
/// # Errors
/// What the database says.
pub fn read<C: LoadConnection<Backend = Mysql>>(
    conn: &mut C,
    options: &Options,
) -> Result<Schema, IntrospectError> {
    let version = Mysql::rows(conn, "SELECT CAST(VERSION() AS CHAR)")
        .map_err(IntrospectError::of("the server's version"))?;
    let version = version.into_iter().flatten().flatten().next();
    let reading = Reading {
        conn,
        options,
        is_mariadb: version.is_some_and(|text| text.contains("MariaDB")),
        tables: BTreeMap::new(),
        views: BTreeMap::new(),
        schema: Schema::new(Dialect::Mysql),
    };
    reading.whole()
}

/// A reading on its way: what was read so far, by its name.
struct Reading<'c, C> {
    conn: &'c mut C,
    options: &'c Options,
    is_mariadb: bool,
    tables: BTreeMap<String, Table>,
    views: BTreeMap<String, View>,
    schema: Schema,
}

impl<C: LoadConnection<Backend = Mysql>> Reading<'_, C> {
    fn whole(mut self) -> Result<Schema, IntrospectError> {
        self.tables()?;
        self.columns()?;
        self.indexes()?;
        self.foreign_keys()?;
        self.checks()?;
        self.triggers()?;
        self.routines()?;
        for table in self.tables.into_values() {
            self.schema.insert(Object::Table(table));
        }
        for view in self.views.into_values() {
            self.schema.insert(Object::View(view));
        }
        Ok(self.schema)
    }

    /// Runs a query whose columns are named `columns`, each of them cast to text.
    fn rows(
        &mut self,
        reading: &'static str,
        columns: &[&str],
        from: &str,
    ) -> Result<Vec<Fields>, IntrospectError> {
        let columns: Vec<String> = columns
            .iter()
            .map(|column| format!("CAST({column} AS CHAR)"))
            .collect();
        let sql = format!("SELECT {} FROM {from}", columns.join(", "));
        let rows = Mysql::rows(self.conn, &sql).map_err(IntrospectError::of(reading))?;
        Ok(rows.into_iter().map(Fields::new).collect())
    }

    fn tables(&mut self) -> Result<(), IntrospectError> {
        let columns = [
            "t.TABLE_NAME",
            "t.TABLE_TYPE",
            "v.VIEW_DEFINITION",
            "t.TABLE_SCHEMA",
        ];
        let from = "information_schema.TABLES t LEFT JOIN information_schema.VIEWS v \
                    ON v.TABLE_SCHEMA = t.TABLE_SCHEMA AND v.TABLE_NAME = t.TABLE_NAME \
                    WHERE t.TABLE_SCHEMA = DATABASE()";
        for mut row in self.rows("the tables", &columns, from)? {
            let name = row.text();
            let qualified = QualifiedName::unqualified(name.clone());
            match row.text().as_str() {
                "VIEW" => {
                    let query = row.text();
                    let view = View {
                        name: qualified,
                        materialized: false,
                        columns: Some(Vec::new()),
                        reads: Reads::new(),
                        text: squeezed(&query),
                        indexes: Vec::new(),
                        triggers: Vec::new(),
                        statement: Some(format!(
                            "CREATE VIEW {} AS {}",
                            Dialect::Mysql.quote_identifier(&name),
                            statement::unqualified(&query, &row.text())
                        )),
                        origin: None,
                    };
                    self.views.insert(name, view);
                }
                "SEQUENCE" => self.schema.insert(Object::Sequence(Sequence {
                    name: qualified,
                    column_type: ColumnType::named("bigint"),
                    owned_by: None,
                    statement: None,
                    origin: None,
                })),
                _ if self.options.leaves_out(&name) => {}
                _ => {
                    self.tables.insert(name, Table::new(qualified));
                }
            }
        }
        Ok(())
    }

    fn triggers(&mut self) -> Result<(), IntrospectError> {
        let columns = [
            "EVENT_OBJECT_TABLE",
            "TRIGGER_NAME",
            "ACTION_TIMING",
            "EVENT_MANIPULATION",
            "ACTION_STATEMENT",
        ];
        let from = "information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE() \
                    ORDER BY EVENT_OBJECT_TABLE, TRIGGER_NAME";
        for mut row in self.rows("the triggers", &columns, from)? {
            let (table, name) = (row.text(), row.text());
            let (when, event, body) = (row.text(), row.text(), row.text());
            let timing = match when.as_str() {
                "BEFORE" => TriggerTiming::Before,
                _ => TriggerTiming::After,
            };
            let quoted = |name: &str| Dialect::Mysql.quote_identifier(name);
            let statement = format!(
                "CREATE TRIGGER {} {when} {event} ON {} FOR EACH ROW {body}",
                quoted(&name),
                quoted(&table)
            );
            let trigger = Trigger {
                name,
                timing,
                function: None,
                definition: squeezed(&body),
                columns: Vec::new(),
                statement: Some(statement),
                origin: None,
            };
            if let Some(table) = self.tables.get_mut(&table) {
                table.triggers.push(trigger);
            }
        }
        Ok(())
    }
}

fn expression(text: &str) -> migrate_sql::Expression {
    dialect::expression(text, Dialect::Mysql)
}

/// The text with each run of white space as one space.
fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
