//! Indexes, foreign keys, checks.

use diesel::connection::LoadConnection;
use diesel::mysql::Mysql;
use migrate_core::Dialect;
use migrate_sql::QualifiedName;
use migrate_sql::change::ForeignKeyAction;
use migrate_sql::schema::{Constraint, ForeignKey, Index, IndexKey, Key};

use super::{IntrospectError, Reading, expression};

impl<C: LoadConnection<Backend = Mysql>> Reading<'_, C> {
    pub(super) fn indexes(&mut self) -> Result<(), IntrospectError> {
        let columns = [
            "TABLE_NAME",
            "INDEX_NAME",
            "NON_UNIQUE",
            "INDEX_TYPE",
            "COLUMN_NAME",
            "SUB_PART",
            "COLLATION",
            // MariaDB has no indexes on expressions.
            if self.is_mariadb {
                "NULL"
            } else {
                "EXPRESSION"
            },
        ];
        let from = "information_schema.STATISTICS WHERE TABLE_SCHEMA = DATABASE() \
                    ORDER BY TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX";
        for mut row in self.rows("the indexes", &columns, from)? {
            let Some(table) = self.tables.get_mut(&row.text()) else {
                continue;
            };
            let (name, not_unique) = (row.text(), row.flag());
            let method = row.text().to_lowercase();
            let (column, prefix) = (row.option(), row.number());
            if name == "PRIMARY" {
                let key = table.primary_key.get_or_insert_with(|| Key {
                    name,
                    columns: Vec::new(),
                    nulls_not_distinct: false,
                    deferrable: false,
                    initially_deferred: false,
                    origin: None,
                });
                key.columns.extend(column);
                continue;
            }
            if table.indexes.last().is_none_or(|last| last.name != name) {
                table.indexes.push(Index {
                    name,
                    unique: !not_unique,
                    method: method.clone(),
                    keys: Vec::new(),
                    include: Vec::new(),
                    nulls_not_distinct: false,
                    predicate: None,
                    valid: true,
                    implicit: false,
                    origin: None,
                });
            }
            let key = IndexKey {
                expression: None,
                column,
                descending: row.text() == "D",
                nulls_first: None,
                collation: None,
                operator_class: None,
                // The server gives spatial indexes a prefix that nobody wrote.
                prefix: prefix.filter(|_| method != "spatial"),
            };
            let key = IndexKey {
                expression: row.option().map(|text| expression(&text)),
                ..key
            };
            if let Some(index) = table.indexes.last_mut() {
                index.keys.push(key);
            }
        }
        Ok(())
    }

    pub(super) fn foreign_keys(&mut self) -> Result<(), IntrospectError> {
        let columns = [
            "k.TABLE_NAME",
            "k.CONSTRAINT_NAME",
            "NULLIF(k.REFERENCED_TABLE_SCHEMA, DATABASE())",
            "k.REFERENCED_TABLE_NAME",
            "r.UPDATE_RULE",
            "r.DELETE_RULE",
            "k.COLUMN_NAME",
            "k.REFERENCED_COLUMN_NAME",
        ];
        let from = "information_schema.KEY_COLUMN_USAGE k \
                    JOIN information_schema.REFERENTIAL_CONSTRAINTS r \
                    ON r.CONSTRAINT_SCHEMA = k.CONSTRAINT_SCHEMA \
                    AND r.CONSTRAINT_NAME = k.CONSTRAINT_NAME AND r.TABLE_NAME = k.TABLE_NAME \
                    WHERE k.TABLE_SCHEMA = DATABASE() AND k.REFERENCED_TABLE_NAME IS NOT NULL \
                    ORDER BY k.TABLE_NAME, k.CONSTRAINT_NAME, k.ORDINAL_POSITION";
        for mut row in self.rows("the foreign keys", &columns, from)? {
            let Some(table) = self.tables.get_mut(&row.text()) else {
                continue;
            };
            let name = row.text();
            let (schema, references) = (row.option(), row.text());
            let (on_update, on_delete) = (action(&row.text()), action(&row.text()));
            if table
                .foreign_keys
                .last()
                .is_none_or(|last| last.name != name)
            {
                table.foreign_keys.push(ForeignKey {
                    name,
                    columns: Vec::new(),
                    references: QualifiedName {
                        schema,
                        name: references,
                    },
                    referenced_columns: Vec::new(),
                    on_delete,
                    on_update,
                    deferrable: false,
                    initially_deferred: false,
                    validated: true,
                    origin: None,
                });
            }
            if let Some(key) = table.foreign_keys.last_mut() {
                key.columns.extend(row.option());
                key.referenced_columns.extend(row.option());
            }
        }
        // The server makes an index for a key that has none, under the key's name where that was
        // written.
        for table in self.tables.values_mut() {
            for index in &mut table.indexes {
                index.implicit = !index.unique
                    && table
                        .foreign_keys
                        .iter()
                        .any(|key| key.name == index.name && has_columns(index, &key.columns));
            }
        }
        Ok(())
    }

    /// MariaDB keeps the type JSON as `longtext` with a check, which is left out again.
    pub(super) fn checks(&mut self) -> Result<(), IntrospectError> {
        let from = if self.is_mariadb {
            "information_schema.CHECK_CONSTRAINTS c WHERE c.CONSTRAINT_SCHEMA = DATABASE()"
        } else {
            "information_schema.CHECK_CONSTRAINTS c JOIN information_schema.TABLE_CONSTRAINTS t \
             ON t.CONSTRAINT_SCHEMA = c.CONSTRAINT_SCHEMA \
             AND t.CONSTRAINT_NAME = c.CONSTRAINT_NAME AND t.CONSTRAINT_TYPE = 'CHECK' \
             WHERE c.CONSTRAINT_SCHEMA = DATABASE()"
        };
        let table = if self.is_mariadb {
            "c.TABLE_NAME"
        } else {
            "t.TABLE_NAME"
        };
        let columns = [table, "c.CONSTRAINT_NAME", "c.CHECK_CLAUSE"];
        for mut row in self.rows("the checks", &columns, from)? {
            let Some(table) = self.tables.get_mut(&row.text()) else {
                continue;
            };
            let (name, check) = (row.text(), expression(&row.text()));
            let json = table.columns.iter_mut().find(|column| {
                let quoted = Dialect::Mysql.quote_identifier(&column.name);
                column.name == name
                    && check.canonical == expression(&format!("json_valid({quoted})")).canonical
            });
            if let Some(column) = json {
                column.column_type = Some(migrate_sql::ColumnType::named("json"));
                column.charset = None;
                column.collation = None;
                continue;
            }
            table.constraints.push(Constraint {
                name,
                check: Some(check),
                exclude: None,
                validated: true,
                origin: None,
            });
        }
        Ok(())
    }
}

fn has_columns(index: &Index, columns: &[String]) -> bool {
    let own: Vec<&String> = index
        .keys
        .iter()
        .filter_map(|it| it.column.as_ref())
        .collect();
    own.len() == columns.len() && own.iter().zip(columns).all(|(one, other)| *one == other)
}

fn action(rule: &str) -> ForeignKeyAction {
    match rule {
        "RESTRICT" => ForeignKeyAction::Restrict,
        "CASCADE" => ForeignKeyAction::Cascade,
        "SET NULL" => ForeignKeyAction::SetNull,
        "SET DEFAULT" => ForeignKeyAction::SetDefault,
        _ => ForeignKeyAction::NoAction,
    }
}
