//! ALTER TABLE.

use std::borrow::Cow;

use migrate_core::{Dialect, rule};

use super::create_table::counts;
use super::{Applier, Target};
use crate::change::{AlterTable, ColumnChange, ConstraintKind, TableAction, TableOption};
use crate::conflict::Conflict;
use crate::name::{Ident, ObjectName};
use crate::schema::lookup::Found;
use crate::schema::{Class, Object, ObjectId};

impl Applier<'_> {
    pub(super) fn alter_table(&mut self, alter: &AlterTable) {
        let target = match self.schema.find(Class::Relation, &alter.name) {
            Found::Here(id) | Found::Perhaps(Some(id))
                if matches!(self.schema.get(&id), Some(Object::Table(_))) =>
            {
                Target {
                    certain: self.schema.is_certain(&id),
                    id,
                }
            }
            Found::Here(id) => return self.alter_other_relation(alter, &id),
            Found::Nothing(id) if self.schema.index_owner(&id.name).is_some() => return,
            _ => {
                self.table_target(&alter.name, alter.if_exists);
                return;
            }
        };
        // One statement happens in passes, whatever the order in the text: what is dropped makes
        // place for what is added, and columns come before what is on them.
        let actions = match self.dialect() {
            Dialect::Mysql => self.mysql_order(&target, &alter.actions),
            dialect => {
                let mut actions: Vec<_> = alter.actions.iter().map(Cow::Borrowed).collect();
                if dialect == Dialect::Postgres {
                    actions.sort_by_key(|it| postgres_pass(it));
                }
                actions
            }
        };
        let mut id = target.id.clone();
        for action in &actions {
            let target = Target {
                id: id.clone(),
                certain: target.certain,
            };
            if let TableAction::RenameTable { to } = &**action {
                id = self.rename_table(&target.id, &alter.name, to).unwrap_or(id);
            } else {
                self.table_action(&target, action);
            }
        }
        let target = Target { id, ..target };
        if self.is_mysql() {
            self.mysql_result(&target, &actions);
        }
    }

    fn table_action(&mut self, target: &Target, action: &TableAction) {
        match action {
            TableAction::AddColumn {
                column,
                if_not_exists,
                position,
            } => {
                let there = self
                    .schema
                    .table_by_id(&target.id)
                    .is_some_and(|it| self.schema.column_index(it, &column.name.name).is_some());
                if (there && *if_not_exists) || !self.add_column(target, column, position.as_ref())
                {
                    return;
                }
                for constraint in &column.constraints {
                    self.add_constraint(target, constraint, Some(&column.name), false);
                }
                self.added_column_is_possible(target, column);
            }
            TableAction::DropColumn {
                name,
                if_exists,
                cascade,
            } => self.drop_column(target, name, *if_exists, *cascade),
            TableAction::RenameColumn { from, to } => self.rename_column(target, from, to),
            TableAction::AlterColumn {
                name,
                change,
                if_exists,
            } => {
                let there = self
                    .schema
                    .table_by_id(&target.id)
                    .is_some_and(|it| self.schema.column_index(it, &name.name).is_some());
                if there || !if_exists {
                    self.alter_column(target, name, change);
                }
            }
            TableAction::ModifyColumn {
                from,
                column,
                position,
                if_exists,
            } => {
                self.modify_column(target, from, column, position.as_ref(), *if_exists);
                for constraint in &column.constraints {
                    self.add_constraint(target, constraint, Some(&column.name), false);
                }
            }
            TableAction::AddConstraint {
                constraint,
                if_not_exists,
            } => self.add_constraint(target, constraint, None, *if_not_exists),
            TableAction::DropConstraint {
                name,
                if_exists,
                cascade,
            } => self.drop_constraint(target, name, *if_exists, *cascade),
            TableAction::DropPrimaryKey { span } => self.drop_primary_key(target, *span),
            TableAction::DropForeignKey { name, if_exists } => {
                self.drop_foreign_key(target, name, *if_exists);
            }
            TableAction::RenameConstraint { from, to } => self.rename_constraint(target, from, to),
            TableAction::ValidateConstraint { name } => self.validate_constraint(target, name),
            TableAction::AlterConstraint {
                name,
                deferrable,
                initially_deferred,
            } => {
                self.alter_constraint(target, name, *deferrable, *initially_deferred);
            }
            TableAction::AddIndex(index) => self.add_index(target, index),
            TableAction::DropIndex { name, if_exists } => {
                self.drop_index_of(target, name, *if_exists);
            }
            TableAction::RenameIndex { from, to } => self.rename_index_of(target, from, to),
            TableAction::RenameTable { .. } => {}
            TableAction::RowSecurity { enabled, forced } => {
                self.schema.edit_table(&target.id, |table| {
                    table.row_security = enabled.unwrap_or(table.row_security);
                    table.forced_row_security = forced.unwrap_or(table.forced_row_security);
                });
            }
            TableAction::AttachPartition { partition, bounds } => {
                self.attach_partition(target, partition, bounds);
            }
            TableAction::DetachPartition { partition, .. } => {
                self.detach_partition(target, partition);
            }
            TableAction::Inherit { parent, no } => self.alter_inherit(target, parent, *no),
            TableAction::SetLogged { logged } => {
                self.schema
                    .edit_table(&target.id, |table| table.unlogged = !logged);
            }
            TableAction::SwitchTrigger { name, .. } => {
                if let Some(name) = name {
                    self.trigger_must_exist(target, name);
                }
            }
            TableAction::ReplicaIdentity { index } => {
                if let Some(index) = index {
                    self.index_must_be_on(target, index);
                }
            }
            TableAction::ConvertCharset { charset, collation } => {
                self.convert_charset(target, charset, collation.as_deref());
            }
            TableAction::Option(option) => self.set_option(target, option),
            TableAction::Unknown { .. } => {
                self.schema
                    .edit_table(&target.id, |table| table.uncertain = true);
            }
            TableAction::Rewrite { .. }
            | TableAction::Partitions { .. }
            | TableAction::StorageOptions
            | TableAction::Owner
            | TableAction::Force => {}
        }
    }

    /// ALTER TABLE of a view, sequence or the like, which PostgreSQL takes for some actions.
    fn alter_other_relation(&mut self, alter: &AlterTable, id: &ObjectId) {
        for action in &alter.actions {
            match action {
                TableAction::RenameColumn { from, to } => self.rename_view_column(id, from, to),
                TableAction::AddColumn { .. }
                | TableAction::DropColumn { .. }
                | TableAction::AddConstraint { .. }
                | TableAction::DropConstraint { .. } => self.wrong_kind(&alter.name, id, "table"),
                TableAction::AlterColumn { change, .. } => {
                    let default = matches!(
                        **change,
                        ColumnChange::SetDefault(_) | ColumnChange::DropDefault
                    );
                    if !default && !matches!(self.schema.get(id), Some(Object::View(_))) {
                        self.wrong_kind(&alter.name, id, "table");
                    }
                }
                _ => {}
            }
        }
    }

    /// A column that is added NOT NULL without a default cannot be filled on SQLite, nor can a key be
    /// added.
    fn added_column_is_possible(
        &mut self,
        target: &Target,
        column: &crate::change::ColumnDefinition,
    ) {
        if !self.is_sqlite() || !target.certain {
            return;
        }
        let key = column.constraints.iter().find(|it| {
            matches!(
                it.kind,
                ConstraintKind::PrimaryKey { .. } | ConstraintKind::Unique { .. }
            )
        });
        if let Some(key) = key {
            let what = match key.kind {
                ConstraintKind::PrimaryKey { .. } => "a PRIMARY KEY",
                _ => "a UNIQUE",
            };
            self.refuse(
                Conflict::new(
                    &rule::BAD_DEFINITION,
                    format!("SQLite cannot add {what} column"),
                    key.span,
                    "cannot be added",
                )
                .help("add the column, then make an index with CREATE UNIQUE INDEX"),
            );
        }
    }

    fn index_must_be_on(&mut self, target: &Target, index: &Ident) {
        let there = self
            .schema
            .table_by_id(&target.id)
            .is_some_and(|table| table.index_names().any(|it| it == index.name));
        if !there && target.certain {
            self.no_such_index(target, index);
        }
    }

    /// MySQL's DROP FOREIGN KEY.
    fn drop_foreign_key(&mut self, target: &Target, name: &Ident, if_exists: bool) {
        let Some(table) = self.schema.table_by_id(&target.id) else {
            return;
        };
        let at = table
            .foreign_keys
            .iter()
            .position(|it| self.schema.same_name(&it.name, &name.name));
        match at {
            Some(at) => {
                self.schema.edit_table(&target.id, |table| {
                    if at < table.foreign_keys.len() {
                        table.foreign_keys.remove(at);
                    }
                });
            }
            None if target.certain && !if_exists => {
                let names: Vec<&str> = table.foreign_keys.iter().map(|it| &*it.name).collect();
                let mut conflict = Conflict::new(
                    &rule::UNKNOWN_CONSTRAINT,
                    format!(
                        "foreign key `{name}` does not exist on table `{}`",
                        table.name
                    ),
                    name.span,
                    "no such foreign key",
                );
                if let Some(meant) = migrate_core::closest(&name.name, names) {
                    conflict = conflict.help(format!("did you mean `{meant}`?"));
                }
                self.refuse(conflict);
            }
            None => {}
        }
    }

    /// MySQL's CONVERT TO CHARACTER SET: the table's, and that of every column with text.
    fn convert_charset(&mut self, target: &Target, charset: &str, collation: Option<&str>) {
        self.schema.edit_table(&target.id, |table| {
            for column in &mut table.columns {
                column.charset = None;
                column.collation = None;
            }
            table.options.retain(|it| {
                !matches!(
                    it.name.as_str(),
                    "CHARSET" | "DEFAULT CHARSET" | "CHARACTER SET" | "COLLATE" | "DEFAULT COLLATE"
                )
            });
            table.options.push(TableOption {
                name: "CHARSET".to_owned(),
                value: charset.to_owned(),
            });
            table.options.extend(collation.map(|collation| TableOption {
                name: "COLLATE".to_owned(),
                value: collation.to_owned(),
            }));
        });
    }

    fn set_option(&mut self, target: &Target, option: &TableOption) {
        if !counts(option) {
            return;
        }
        self.schema.edit_table(&target.id, |table| {
            table.options.retain(|it| it.name != option.name);
            table.options.push(option.clone());
        });
    }

    /// Looks a table up that is only named beside another one: a parent or a partition.
    pub(super) fn other_table(&mut self, name: &ObjectName) -> Option<Target> {
        self.table_target(name, false)
    }
}

/// The order in which PostgreSQL's ALTER TABLE does its work (`ATPrepCmd` in `tablecmds.c`).
fn postgres_pass(action: &TableAction) -> u8 {
    match action {
        TableAction::DropColumn { .. } | TableAction::DropConstraint { .. } => 0,
        TableAction::AlterColumn { change, .. } => match **change {
            ColumnChange::DropNotNull
            | ColumnChange::DropDefault
            | ColumnChange::DropExpression { .. }
            | ColumnChange::DropIdentity { .. } => 0,
            ColumnChange::Type { .. } => 1,
            _ => 5,
        },
        TableAction::AddColumn { .. } => 2,
        TableAction::AddConstraint { constraint, .. } => match constraint.kind {
            ConstraintKind::Check(_) => 4,
            ConstraintKind::ForeignKey { .. } => 7,
            _ => 6,
        },
        _ => 8,
    }
}
