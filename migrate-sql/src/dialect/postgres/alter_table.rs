//! ALTER TABLE.

use squawk_syntax::SyntaxKind::*;
use squawk_syntax::SyntaxNode;
use squawk_syntax::ast::{self, AstNode};

use super::create_table::identity_kind;
use super::reader::{Reader, child};
use super::statement::{is_cascade, owned, renamed, set_schema};
use crate::change::{AlterTable, Change, ColumnChange, MaintenanceVerb, ObjectKind, TableAction};

impl Reader {
    /// ALTER TABLE and ALTER FOREIGN TABLE, and what ALTER VIEW and ALTER MATERIALIZED VIEW have in
    /// common with them.
    pub(super) fn alter_table(&self, node: &SyntaxNode, kind: ObjectKind, out: &mut Vec<Change>) {
        if child(node, ALL_IN_TABLESPACE).is_some() {
            out.push(Change::Maintenance {
                verb: MaintenanceVerb::Other,
                name: None,
                concurrently: false,
                full: false,
            });
            return;
        }
        let name = node.children().find_map(|it| {
            matches!(it.kind(), TABLE_RELATION_NAME | VIEW_REF).then(|| self.object_of(&it))?
        });
        let Some(name) = name else {
            return;
        };
        let if_exists = child(node, IF_EXISTS).is_some();
        let mut actions = Vec::new();
        for part in node.children() {
            let Some(action) = ast::AlterTableAction::cast(part.clone()) else {
                if part.kind() == ALTER_VIEW_COLUMN && !if_exists {
                    out.push(owned(kind, name.clone()));
                }
                if let Some(rename) = ast::ViewRenameTo::cast(part)
                    && let Some(to) = self.object(rename.view())
                {
                    out.push(renamed(kind, name.clone(), to, if_exists));
                }
                continue;
            };
            match &action {
                ast::AlterTableAction::TableRenameTo(rename) => {
                    if let Some(to) = self.object(rename.table_name()) {
                        out.push(renamed(kind, name.clone(), to, if_exists));
                    }
                }
                ast::AlterTableAction::SetSchema(set) => {
                    if let Some(schema) = self.name(set.schema_ref()) {
                        out.push(set_schema(kind, name.clone(), schema, if_exists));
                    }
                }
                action => actions.extend(self.table_action(action)),
            }
        }
        if !actions.is_empty() {
            out.push(Change::AlterTable(Box::new(AlterTable {
                name,
                if_exists,
                actions,
                algorithm: None,
                lock: None,
                span: self.span(node),
            })));
        }
    }

    fn table_action(&self, action: &ast::AlterTableAction) -> Option<TableAction> {
        use ast::AlterTableAction as Action;
        let switch = |target: Option<ast::TriggerTarget>, enable| TableAction::SwitchTrigger {
            name: match target {
                Some(ast::TriggerTarget::TriggerRef(name)) => self.ident(name.syntax()),
                _ => None,
            },
            enable,
        };
        Some(match action {
            Action::AddColumn(it) => TableAction::AddColumn {
                column: self.column(it.syntax())?,
                if_not_exists: it.if_not_exists().is_some(),
                position: None,
            },
            Action::DropColumn(it) => TableAction::DropColumn {
                name: self.name(it.column_name_ref())?,
                if_exists: it.if_exists().is_some(),
                cascade: is_cascade(it.syntax()),
            },
            Action::RenameColumn(it) => TableAction::RenameColumn {
                from: self.name(it.column_name_ref())?,
                to: self.name(it.column_name())?,
            },
            Action::AlterColumn(it) => {
                let name = self.name(it.column_name_ref())?;
                // The type decides what a default means, and is not known here.
                TableAction::AlterColumn {
                    name,
                    change: Box::new(self.column_change(&it.option()?)?),
                    if_exists: false,
                }
            }
            Action::AddConstraint(it) => {
                let constraint = it.constraint()?;
                match self.constraint(&constraint, None) {
                    Some(constraint) => TableAction::AddConstraint {
                        constraint,
                        if_not_exists: false,
                    },
                    // PostgreSQL 18: ADD CONSTRAINT name NOT NULL column.
                    None => TableAction::AlterColumn {
                        name: match constraint {
                            ast::Constraint::NotNullConstraint(it) => {
                                self.name(it.column_name_ref())?
                            }
                            _ => return None,
                        },
                        change: Box::new(ColumnChange::SetNotNull),
                        if_exists: false,
                    },
                }
            }
            Action::DropConstraint(it) => TableAction::DropConstraint {
                name: self.object(it.constraint_name_ref())?.name,
                if_exists: it.if_exists().is_some(),
                cascade: is_cascade(it.syntax()),
            },
            Action::RenameConstraint(it) => TableAction::RenameConstraint {
                from: self.object(it.constraint_name_ref())?.name,
                to: self.name(it.constraint_name())?,
            },
            Action::ValidateConstraint(it) => TableAction::ValidateConstraint {
                name: self.object(it.constraint_name_ref())?.name,
            },
            Action::AlterConstraint(it) => TableAction::AlterConstraint {
                name: self.object(it.constraint_name_ref())?.name,
                deferrable: deferrable(it),
                // What is not written is not so any more.
                initially_deferred: deferrable(it).map(|_| is_initially_deferred(it)),
            },
            Action::AttachPartition(it) => TableAction::AttachPartition {
                partition: self.object(it.table_name_ref())?,
                bounds: self.partition_bounds(it.syntax()),
            },
            Action::DetachPartition(it) => TableAction::DetachPartition {
                partition: self.object(it.table_name_ref())?,
                concurrently: matches!(
                    it.detach_partition_option(),
                    Some(ast::DetachPartitionOption::DetachConcurrently(_))
                ),
            },
            Action::InheritTable(it) => TableAction::Inherit {
                parent: self.object(it.table_name_ref())?,
                no: false,
            },
            Action::NoInheritTable(it) => TableAction::Inherit {
                parent: self.object(it.table_name_ref())?,
                no: true,
            },
            Action::SetLogged(_) => TableAction::SetLogged { logged: true },
            Action::SetUnlogged(_) => TableAction::SetLogged { logged: false },
            Action::SetTablespace(_) => rewrite("SET TABLESPACE"),
            Action::SetAccessMethod(_) => rewrite("SET ACCESS METHOD"),
            Action::EnableTrigger(it) => switch(it.trigger_target(), true),
            Action::DisableTrigger(it) => switch(it.trigger_target(), false),
            Action::EnableAlwaysTrigger(it) => TableAction::SwitchTrigger {
                name: self.name(it.trigger_ref()),
                enable: true,
            },
            Action::EnableReplicaTrigger(it) => TableAction::SwitchTrigger {
                name: self.name(it.trigger_ref()),
                enable: true,
            },
            // Rules are known by name only.
            Action::EnableRule(_) | Action::EnableAlwaysRule(_) | Action::EnableReplicaRule(_) => {
                TableAction::SwitchTrigger {
                    name: None,
                    enable: true,
                }
            }
            Action::DisableRule(_) => TableAction::SwitchTrigger {
                name: None,
                enable: false,
            },
            Action::EnableRls(_) => row_security(Some(true), None),
            Action::DisableRls(_) => row_security(Some(false), None),
            Action::ForceRls(_) => row_security(None, Some(true)),
            Action::NoForceRls(_) => row_security(None, Some(false)),
            Action::ReplicaIdentity(it) => TableAction::ReplicaIdentity {
                index: match it.replica_identity_option() {
                    Some(ast::ReplicaIdentityOption::UsingIndexName(using)) => {
                        self.object(using.index_ref()).map(|index| index.name)
                    }
                    _ => None,
                },
            },
            Action::ClusterOn(_)
            | Action::SetWithoutCluster(_)
            | Action::SetWithoutOids(_)
            | Action::SetOptions(_)
            | Action::ResetOptions(_)
            | Action::OptionItemList(_)
            | Action::AlterOptionList(_) => TableAction::StorageOptions,
            Action::OwnerTo(_) => TableAction::Owner,
            Action::OfType(_) => unknown("OF"),
            Action::NotOf(_) => unknown("NOT OF"),
            Action::MergePartitions(_) => unknown("MERGE PARTITIONS"),
            Action::SplitPartition(_) => unknown("SPLIT PARTITION"),
            Action::TableRenameTo(_) | Action::SetSchema(_) => return None,
        })
    }

    fn column_change(&self, option: &ast::AlterColumnOption) -> Option<ColumnChange> {
        use ast::AlterColumnOption as Option_;
        Some(match option {
            Option_::SetType(it) => {
                let ty = it.ty()?;
                ColumnChange::Type {
                    column_type: self.plain_type(&ty),
                    span: self.span(ty.syntax()),
                    using: it
                        .using_expr()
                        .and_then(|it| it.expr())
                        .map(|expr| self.expression(&expr)),
                    collation: it.collate().and_then(|it| self.collation(it.syntax())),
                }
            }
            Option_::SetDefault(it) => match self.default(&it.expr()?, None) {
                Some(default) => ColumnChange::SetDefault(default),
                None => ColumnChange::DropDefault,
            },
            Option_::DropDefault(_) => ColumnChange::DropDefault,
            Option_::SetNotNull(_) => ColumnChange::SetNotNull,
            Option_::DropNotNull(_) => ColumnChange::DropNotNull,
            Option_::DropExpression(it) => ColumnChange::DropExpression {
                if_exists: it.if_exists().is_some(),
            },
            Option_::SetExpression(it) => ColumnChange::SetExpression(self.expression(&it.expr()?)),
            Option_::AddGenerated(it) => ColumnChange::SetIdentity {
                identity: identity_kind(it.generated_when()?),
                add: true,
            },
            Option_::SetGenerated(it) => ColumnChange::SetIdentity {
                identity: identity_kind(it.generated_when()?),
                add: false,
            },
            Option_::SetGeneratedOptions(it) => {
                let when = it.syntax().descendants().find_map(ast::GeneratedWhen::cast);
                match when {
                    Some(when) => ColumnChange::SetIdentity {
                        identity: identity_kind(when),
                        add: false,
                    },
                    None => ColumnChange::Storage,
                }
            }
            Option_::DropIdentity(it) => ColumnChange::DropIdentity {
                if_exists: it.if_exists().is_some(),
            },
            Option_::SetStatistics(_) | Option_::SetOptions(_) | Option_::ResetOptions(_) => {
                ColumnChange::Statistics
            }
            Option_::SetStorage(_)
            | Option_::SetCompression(_)
            | Option_::SetOptionsList(_)
            | Option_::SetSequenceOption(_)
            | Option_::Restart(_)
            | Option_::Inherit(_)
            | Option_::NoInherit(_) => ColumnChange::Storage,
        })
    }
}

fn deferrable(it: &ast::AlterConstraint) -> Option<bool> {
    it.constraint_options().find_map(|option| match option {
        ast::ConstraintOption::DeferrableConstraintOption(_)
        | ast::ConstraintOption::InitiallyDeferredConstraintOption(_) => Some(true),
        ast::ConstraintOption::NotDeferrableConstraintOption(_) => Some(false),
        _ => None,
    })
}

fn is_initially_deferred(it: &ast::AlterConstraint) -> bool {
    it.constraint_options().any(|option| {
        matches!(
            option,
            ast::ConstraintOption::InitiallyDeferredConstraintOption(_)
        )
    })
}

fn rewrite(what: &str) -> TableAction {
    TableAction::Rewrite {
        what: what.to_owned(),
    }
}

fn unknown(what: &str) -> TableAction {
    TableAction::Unknown {
        what: what.to_owned(),
    }
}

fn row_security(enabled: Option<bool>, forced: Option<bool>) -> TableAction {
    TableAction::RowSecurity { enabled, forced }
}
