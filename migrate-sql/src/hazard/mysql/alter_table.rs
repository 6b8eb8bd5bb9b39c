//! ALTER TABLE: the dearest of its clauses decides.

use super::super::effect::{Effect, Form};
use super::super::lock::{Algorithm, Online};
use super::super::watch::Watch;
use super::{Class, add_index, is_innodb, modify, option, said};
use crate::change::{
    AlterTable, ColumnChange, ColumnDefinition, ConstraintDefinition, ConstraintKind, TableAction,
    TableOption,
};
use crate::name::Span;
use crate::schema::{Schema, Table};

use migrate_core::config::Product;

/// What a statement does to its table: one effect for each clause, all of the class of the statement.
pub(super) fn effects(alter: &AlterTable, schema: &Schema, watch: &Watch) -> Vec<Effect> {
    let Some(id) = schema.likely_relation(&alter.name) else {
        return Vec::new();
    };
    let table = schema.table_by_id(&id);
    let view = Altered {
        schema,
        table,
        watch,
        adds_primary_key: alter.actions.iter().any(|action| match action {
            TableAction::AddConstraint { constraint, .. } => {
                matches!(constraint.kind, ConstraintKind::PrimaryKey { .. })
            }
            _ => false,
        }),
    };
    let clauses: Vec<(Class, Form, Span)> = alter
        .actions
        .iter()
        .map(|action| view.action(action, alter.name.span()))
        .collect();
    let Some(dearest) = clauses.iter().map(|(class, ..)| *class).max() else {
        return Vec::new();
    };
    // Whatever the algorithm, a clause that keeps writers away does so for the whole statement.
    let online = clauses.iter().map(|(class, ..)| class.online).max();
    let whole = Class {
        online: online.unwrap_or(Online::None),
        ..dearest
    };
    let whole = said(whole, alter.algorithm.as_deref(), alter.lock.as_deref());
    clauses
        .into_iter()
        .filter(|(class, ..)| *class == dearest || class.online == whole.online)
        .map(|(_, form, span)| whole.effect(id.clone(), form, span))
        .collect()
}

struct Altered<'a> {
    schema: &'a Schema,
    table: Option<&'a Table>,
    watch: &'a Watch,
    adds_primary_key: bool,
}

impl Altered<'_> {
    fn action(&self, action: &TableAction, span: Span) -> (Class, Form, Span) {
        match action {
            TableAction::AddColumn {
                column,
                if_not_exists,
                position,
            } => {
                let form = Form::AddColumn {
                    column: column.name.name.clone(),
                    reason: None,
                };
                let class = match *if_not_exists && self.has_column(&column.name.name) {
                    true => Class::INSTANT,
                    false => self.add_column(column, position.is_some()),
                };
                (class, form, column.span)
            }
            TableAction::DropColumn { name, .. } => {
                (self.drop_column(&name.name), Form::Other, name.span)
            }
            TableAction::ModifyColumn {
                from,
                column,
                position,
                ..
            } => {
                let old = self.column(&from.name);
                let class = match (self.table, old) {
                    (Some(table), Some(old)) => {
                        let class = modify::class(table, old, column, self.watch);
                        let moved = position.is_some() && !self.watch.is_mariadb();
                        self.rebuilt(class.max(match moved {
                            true => Class::REBUILD,
                            false => Class::INSTANT,
                        }))
                    }
                    _ => Class::COPY,
                };
                let form = Form::ChangeType {
                    column: from.name.clone(),
                    from: old.and_then(|it| Some(it.column_type.as_ref()?.to_string())),
                    to: column
                        .column_type
                        .as_ref()
                        .map(ToString::to_string)
                        .unwrap_or_default(),
                };
                (class, form, column.span)
            }
            TableAction::AlterColumn { name, change, .. } => {
                let class = match **change {
                    ColumnChange::SetNotNull | ColumnChange::DropNotNull => {
                        self.rebuilt(Class::REBUILD)
                    }
                    ColumnChange::Type { .. } => Class::COPY,
                    _ => Class::INSTANT,
                };
                (class, Form::ChangeColumn, name.span)
            }
            TableAction::AddConstraint { constraint, .. } => self.add_constraint(constraint),
            TableAction::DropPrimaryKey { span } => {
                let class = match self.adds_primary_key {
                    true => self.rebuilt(Class::REBUILD),
                    false => Class::COPY,
                };
                let form = Form::Rewrite {
                    what: "DROP PRIMARY KEY".to_owned(),
                };
                (class, form, *span)
            }
            TableAction::AddIndex(index) => {
                let exists = index.if_not_exists
                    && self
                        .table
                        .zip(index.name.as_ref())
                        .is_some_and(|(table, name)| {
                            let mut names = table.index_names();
                            names.any(|it| self.schema.same_name(it, &name.name))
                        });
                let class = match exists {
                    true => Class::INSTANT,
                    false => add_index(index, self.table),
                };
                (class, Form::CreateIndex, index.span)
            }
            TableAction::DropIndex { name, .. } => {
                let class = match self.table.is_some_and(|table| !is_innodb(table)) {
                    true => Class::COPY,
                    false => Class::INSTANT,
                };
                (class, Form::DropIndex, name.span)
            }
            TableAction::ConvertCharset { .. } => rewrite(Class::COPY, "CONVERT TO", span),
            TableAction::Force => rewrite(self.rebuilt(Class::REBUILD), "FORCE", span),
            TableAction::Option(table_option) => {
                let class = self.option(table_option);
                rewrite(class, &table_option.name, span)
            }
            TableAction::Partitions { what } => {
                let copies = [
                    "PARTITION BY",
                    "REMOVE",
                    "REORGANIZE",
                    "COALESCE",
                    "REBUILD",
                ];
                let class = match copies.iter().any(|word| what.starts_with(word)) {
                    true => Class::COPY,
                    false => Class::INSTANT,
                };
                rewrite(class, what, span)
            }
            TableAction::Unknown { what } => {
                let copies = what.contains("VERSIONING") || what.contains("ORDER BY");
                let class = match copies {
                    true => Class::COPY,
                    false => Class::INSTANT,
                };
                rewrite(class, what, span)
            }
            _ => (Class::INSTANT, Form::Other, span),
        }
    }

    fn column(&self, name: &str) -> Option<&crate::schema::Column> {
        let mut columns = self.table.iter().flat_map(|table| &table.columns);
        columns.find(|it| self.schema.same_name(&it.name, name))
    }

    fn has_column(&self, name: &str) -> bool {
        self.column(name).is_some()
    }

    fn is_foreign_engine(&self) -> bool {
        self.table.is_some_and(|table| !is_innodb(table))
    }

    /// What a rebuild costs this table.
    fn rebuilt(&self, class: Class) -> Class {
        if class.algorithm >= Algorithm::Inplace && class != Class::COPY {
            if self.is_foreign_engine() {
                return Class::COPY;
            }
            if self.has_fulltext() {
                return Class::REBUILD_SHARED;
            }
        }
        class
    }

    fn has_fulltext(&self) -> bool {
        let mut indexes = self.table.iter().flat_map(|table| &table.indexes);
        indexes.any(|index| index.method == "fulltext")
    }

    /// An index on a virtual column stands in the way of instant changes of the columns.
    fn has_indexed_virtual(&self) -> bool {
        self.table.is_some_and(|table| {
            let mut keys = table.indexes.iter().flat_map(|index| &index.keys);
            keys.any(|key| {
                let column = key.column.as_ref().and_then(|name| self.column(name));
                let generated = column.and_then(|column| column.generated.as_ref());
                generated.is_some_and(|generated| !generated.stored)
            })
        })
    }

    /// What a change of the list of columns costs, which is instant for most tables.
    fn columns_change(&self) -> Class {
        if self.is_foreign_engine() {
            Class::COPY
        } else if self.has_fulltext() || self.has_indexed_virtual() {
            Class::REBUILD_SHARED
        } else {
            let compressed = self
                .table
                .and_then(|table| option(table, "ROW_FORMAT"))
                .is_some_and(|format| format == "compressed");
            match compressed {
                true => Class::REBUILD,
                false => Class::INSTANT,
            }
        }
    }

    fn add_column(&self, column: &ColumnDefinition, placed: bool) -> Class {
        let mut class = self.columns_change();
        let not_instant = self.watch.is_older(Product::Mysql, [8, 0, 12])
            || self.watch.is_older(Product::Mariadb, [10, 3, 2])
            || (placed && self.watch.is_older(Product::Mariadb, [10, 4, 0]));
        if not_instant {
            class = class.max(self.rebuilt(Class::REBUILD));
        }
        // MySQL adds a column anywhere but at the end by a rebuild before 8.0.29.
        if placed && self.watch.may_be_older(Product::Mysql, [8, 0, 29]) {
            class = class.max(Class::REBUILD);
        }
        if column.auto_increment {
            class = class.max(Class::REBUILD_SHARED);
        }
        let stored = column.generated.as_ref().is_some_and(|it| it.stored);
        let by_row = column.default.as_ref().is_some_and(|default| {
            let mut scopes = default.scope.walk();
            scopes.any(|scope| !scope.columns.is_empty())
                || default.text.to_lowercase().contains("uuid")
        });
        if stored || by_row {
            class = Class::COPY;
        }
        for constraint in &column.constraints {
            class = class.max(match &constraint.kind {
                ConstraintKind::Unique { .. } | ConstraintKind::PrimaryKey { .. } => {
                    self.rebuilt(Class::REBUILD)
                }
                // MySQL reads over a REFERENCES beside a column.
                ConstraintKind::ForeignKey { .. } if self.watch.is_mariadb() => {
                    self.foreign_key(constraint)
                }
                _ => Class::INSTANT,
            });
        }
        class
    }

    fn drop_column(&self, name: &str) -> Class {
        if !self.has_column(name) && self.table.is_some() {
            return Class::INSTANT;
        }
        let class = self.columns_change().max(self.indexes_with(name));
        let not_instant = self.watch.may_be_older(Product::Mysql, [8, 0, 29])
            || self.watch.is_older(Product::Mariadb, [10, 4, 0]);
        match not_instant {
            true => class.max(Class::REBUILD),
            false => class,
        }
    }

    /// What it costs the indexes that a column is in when it goes: its own go with it, those of
    /// several columns are built anew.
    fn indexes_with(&self, name: &str) -> Class {
        let indexes = self.table.iter().flat_map(|table| &table.indexes);
        let classes = indexes.map(|index| {
            let is_it = |column: &String| self.schema.same_name(column, name);
            let has = index
                .keys
                .iter()
                .any(|key| key.column.as_ref().is_some_and(is_it));
            match (has, index.keys.len()) {
                (false, _) => Class::INSTANT,
                (true, 1) => Class::INDEX,
                (true, _) => Class::REBUILD,
            }
        });
        classes.max().unwrap_or(Class::INSTANT)
    }

    fn add_constraint(&self, constraint: &ConstraintDefinition) -> (Class, Form, Span) {
        let key = |kind| Form::AddKey {
            kind,
            using_index: false,
        };
        let (class, form) = match &constraint.kind {
            ConstraintKind::PrimaryKey { .. } => (self.rebuilt(Class::REBUILD), key("PRIMARY KEY")),
            ConstraintKind::Unique { .. } => {
                let class = match self.is_foreign_engine() {
                    true => Class::COPY,
                    false => Class::INDEX,
                };
                (class, key("UNIQUE"))
            }
            ConstraintKind::ForeignKey { .. } => {
                (self.foreign_key(constraint), Form::AddForeignKey)
            }
            ConstraintKind::Check(_) if constraint.not_enforced => (Class::INSTANT, Form::AddCheck),
            ConstraintKind::Check(_) => (Class::COPY, Form::AddCheck),
            ConstraintKind::Exclude { .. } => (Class::INSTANT, Form::Other),
        };
        (class, form, constraint.span)
    }

    /// Rows are looked up, unless the session says that they need not be.
    fn foreign_key(&self, _constraint: &ConstraintDefinition) -> Class {
        match self.watch.setting("foreign_key_checks") {
            Some("0" | "off" | "false") => Class::INDEX,
            _ => Class::COPY,
        }
    }

    fn option(&self, option: &TableOption) -> Class {
        match option.name.as_str() {
            "ENGINE" => {
                let other = !option.value.eq_ignore_ascii_case("innodb");
                match other || self.is_foreign_engine() {
                    true => Class::COPY,
                    false => self.rebuilt(Class::REBUILD),
                }
            }
            "ROW_FORMAT" | "KEY_BLOCK_SIZE" | "PAGE_COMPRESSED" => self.rebuilt(Class::REBUILD),
            "ORDER BY" => Class::COPY,
            _ => Class::INSTANT,
        }
    }
}

fn rewrite(class: Class, what: &str, span: Span) -> (Class, Form, Span) {
    let form = Form::Rewrite {
        what: what.to_owned(),
    };
    (class, form, span)
}
