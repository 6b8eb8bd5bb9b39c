//! LIKE: a table made as a copy of another.

use super::{Applier, Target};
use crate::change::{IndexPart, PartKind, TableLike};
use crate::dialect;
use crate::expression::Expression;
use crate::quoting::qualified;
use crate::schema::auto_name::columns_part;
use crate::schema::{Class, Index, Key, Table};

impl Applier<'_> {
    pub(super) fn copy_like(&mut self, target: &Target, like: &TableLike) {
        let source = self
            .other_table(&like.table)
            .and_then(|from| Some((self.schema.table_by_id(&from.id)?.clone(), from.certain)));
        let Some((source, certain)) = source else {
            self.schema
                .edit_table(&target.id, |table| table.uncertain = true);
            return;
        };
        let whole = self.is_mysql();
        let mut sequences = Vec::new();
        let numbered = source.columns.iter().filter(|it| it.auto_increment);
        let shared: Vec<(&str, Option<Expression>)> = numbered
            .map(|column| (&*column.name, self.next_value(&source, &column.name)))
            .collect();
        self.schema.edit_table(&target.id, |table| {
            table.uncertain |= !certain;
            for column in &source.columns {
                let mut column = column.clone();
                if !whole {
                    if !like.defaults {
                        column.default = None;
                    } else if column.auto_increment {
                        // A serial column's default is copied, its sequence is not: both count with it.
                        let shared = shared.iter().find(|(name, _)| *name == column.name);
                        column.default = shared.and_then(|(_, default)| default.clone());
                        table.uncertain |= column.default.is_none();
                    }
                    column.auto_increment = false;
                    if !like.generated {
                        column.generated = None;
                    }
                    if like.identity && column.identity.is_some() {
                        sequences.push((column.name.clone(), column.column_type.clone()));
                    } else {
                        column.identity = None;
                    }
                }
                table.columns.push(column);
            }
            if whole || like.constraints {
                let checks = source.constraints.iter().filter(|it| it.check.is_some());
                table.constraints.extend(checks.cloned());
            }
            if whole {
                table.options.clone_from(&source.options);
            }
        });
        for (column, column_type) in sequences {
            let column = super::create_table::unplaced(&column);
            self.make_sequence_for(target, &column, column_type);
        }
        if whole {
            self.schema.edit_table(&target.id, |table| {
                table.primary_key.clone_from(&source.primary_key);
                table.indexes.clone_from(&source.indexes);
                for index in &mut table.indexes {
                    index.implicit = false;
                }
            });
        } else if like.indexes {
            self.copy_indexes(target, &source);
        }
    }

    /// The default behind a serial column, as the catalogue has it.
    fn next_value(&self, table: &Table, column: &str) -> Option<Expression> {
        let id = self.schema.id(Class::Relation, &table.name);
        let sequence = self.sequences_of(&id, Some(column)).into_iter().next()?;
        let dialect = self.dialect();
        let name = qualified(&self.schema.get(&sequence)?.name(), dialect).replace('\'', "''");
        let text = format!("nextval('{name}'::regclass)");
        Some(dialect::expression(&text, dialect))
    }

    /// PostgreSQL chooses new names for copied indexes and keys.
    fn copy_indexes(&mut self, target: &Target, source: &Table) {
        let Some(name) = self
            .schema
            .table_by_id(&target.id)
            .map(|table| table.name.clone())
        else {
            return;
        };
        let keys = source
            .primary_key
            .iter()
            .map(|key| (key, "pkey"))
            .chain(source.unique.iter().map(|key| (key, "key")));
        for (key, label) in keys {
            let part = columns_part(key.columns.iter().map(String::as_str));
            let middle = (label == "key").then_some(part.as_str());
            let made = Key {
                name: self.schema.choose_relation_name(
                    name.schema.as_deref(),
                    &name.name,
                    middle,
                    label,
                    true,
                ),
                ..key.clone()
            };
            self.schema.edit_table(&target.id, |table| {
                if label == "pkey" {
                    table.primary_key = Some(made);
                } else {
                    table.unique.push(made);
                }
            });
        }
        for index in &source.indexes {
            let parts: Vec<IndexPart> = index
                .keys
                .iter()
                .map(|key| IndexPart {
                    kind: match (&key.column, &key.expression) {
                        (None, Some(expression)) => PartKind::Expression(expression.clone()),
                        (column, _) => PartKind::Column(super::create_table::unplaced(
                            column.as_deref().unwrap_or_default(),
                        )),
                    },
                    ..IndexPart::column(super::create_table::unplaced(""))
                })
                .collect();
            let Some(table) = self.schema.table_by_id(&target.id) else {
                return;
            };
            let made = Index {
                name: self
                    .schema
                    .choose_index_name(&name, table, &parts, &[], "idx"),
                ..index.clone()
            };
            self.schema
                .edit_table(&target.id, |table| table.indexes.push(made));
        }
    }
}
