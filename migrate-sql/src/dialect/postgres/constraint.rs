//! Constraints, beside a column or on their own.

use squawk_syntax::SyntaxKind::*;
use squawk_syntax::SyntaxNode;
use squawk_syntax::ast::{self, AstNode};

use super::reader::{self, Reader, child};
use super::scope::ScopeReader;
use crate::change::{
    ConstraintDefinition, ConstraintKind, ForeignKeyAction, IndexPart, References,
};
use crate::name::Ident;
use crate::scope::Scope;

impl Reader {
    /// A constraint. `column` is the one that it stands beside. `None` for what is no constraint in
    /// the model: NOT NULL, NULL, DEFAULT, GENERATED.
    pub(super) fn constraint(
        &self,
        it: &ast::Constraint,
        column: Option<&Ident>,
    ) -> Option<ConstraintDefinition> {
        let here = || column.cloned().map(IndexPart::column).into_iter().collect();
        let kind = match it {
            ast::Constraint::PrimaryKeyConstraint(key) => ConstraintKind::PrimaryKey {
                columns: self
                    .key_columns(key.index_parameters())
                    .unwrap_or_else(here),
                using_index: key
                    .using_index()
                    .and_then(|it| self.object(it.index_ref()))
                    .map(|index| index.name),
            },
            ast::Constraint::UniqueConstraint(key) => ConstraintKind::Unique {
                columns: self
                    .key_columns(key.index_parameters())
                    .unwrap_or_else(here),
                using_index: key
                    .using_index()
                    .and_then(|it| self.object(it.index_ref()))
                    .map(|index| index.name),
                nulls_not_distinct: matches!(
                    key.index_parameters()
                        .and_then(|it| it.nulls_distinct_option()),
                    Some(ast::NullsDistinctOption::NullsNotDistinct(_))
                ),
            },
            ast::Constraint::CheckConstraint(check) => {
                ConstraintKind::Check(self.expression(&check.expr()?))
            }
            ast::Constraint::ReferencesConstraint(references) => ConstraintKind::ForeignKey {
                columns: column.cloned().into_iter().collect(),
                references: self.references(
                    it.syntax(),
                    references.table(),
                    self.names(references.column()),
                )?,
            },
            ast::Constraint::ForeignKeyConstraint(key) => ConstraintKind::ForeignKey {
                columns: key
                    .from_columns()
                    .map(|list| self.names(list.column_name_refs()))
                    .unwrap_or_default(),
                references: self.references(
                    it.syntax(),
                    key.table_name_ref(),
                    key.to_columns()
                        .map(|list| self.names(list.column_name_refs()))
                        .unwrap_or_default(),
                )?,
            },
            ast::Constraint::ExcludeConstraint(exclude) => self.exclude(exclude),
            ast::Constraint::NotNullConstraint(_)
            | ast::Constraint::NullConstraint(_)
            | ast::Constraint::DefaultConstraint(_)
            | ast::Constraint::GeneratedConstraint(_) => return None,
        };
        let name = self.constraint_name(it.syntax());
        let mut definition = ConstraintDefinition::new(name, kind, self.span(it.syntax()));
        for option in it.constraint_options() {
            match option {
                ast::ConstraintOption::NotValid(_) => definition.not_valid = true,
                ast::ConstraintOption::NotEnforced(_) => definition.not_enforced = true,
                ast::ConstraintOption::DeferrableConstraintOption(_) => {
                    definition.deferrable = true;
                }
                // It says DEFERRABLE too.
                ast::ConstraintOption::InitiallyDeferredConstraintOption(_) => {
                    definition.deferrable = true;
                    definition.initially_deferred = true;
                }
                _ => {}
            }
        }
        Some(definition)
    }

    /// CONSTRAINT name.
    fn constraint_name(&self, node: &SyntaxNode) -> Option<Ident> {
        let clause = child(node, CONSTRAINT_NAME_CLAUSE)?;
        self.ident(&child(&clause, CONSTRAINT_NAME)?)
    }

    /// The columns of a key that are listed.
    fn key_columns(&self, parameters: Option<ast::IndexParameters>) -> Option<Vec<IndexPart>> {
        let list = parameters?.column_list()?;
        let columns = self.names(list.column_name_refs());
        Some(columns.into_iter().map(IndexPart::column).collect())
    }

    fn references(
        &self,
        node: &SyntaxNode,
        table: Option<ast::TableNameRef>,
        columns: Vec<Ident>,
    ) -> Option<References> {
        let action = |kind| {
            child(node, kind)
                .and_then(|it| it.children().find_map(ast::RefAction::cast))
                .map_or(ForeignKeyAction::NoAction, |action| match action {
                    ast::RefAction::Cascade(_) => ForeignKeyAction::Cascade,
                    ast::RefAction::NoAction(_) => ForeignKeyAction::NoAction,
                    ast::RefAction::Restrict(_) => ForeignKeyAction::Restrict,
                    ast::RefAction::SetDefaultColumns(_) => ForeignKeyAction::SetDefault,
                    ast::RefAction::SetNullColumns(_) => ForeignKeyAction::SetNull,
                })
        };
        Some(References {
            table: self.object(table)?,
            columns,
            on_delete: action(ON_DELETE_ACTION),
            on_update: action(ON_UPDATE_ACTION),
        })
    }

    fn exclude(&self, it: &ast::ExcludeConstraint) -> ConstraintKind {
        let mut scope = Scope::default();
        let mut text = Vec::new();
        let mut scopes = ScopeReader::new(*self);
        for part in it.syntax().children() {
            match part.kind() {
                CONSTRAINT_NAME_CLAUSE => {}
                // What follows the last clause is about the constraint, not its index.
                CONSTRAINT_INDEX_METHOD
                | CONSTRAINT_EXCLUSION_LIST
                | CONSTRAINT_INCLUDE_CLAUSE
                | WITH_PARAMS
                | WHERE_CONDITION_CLAUSE => {
                    scopes.read(&part, &mut scope);
                    text.push(reader::text(&part));
                }
                _ => {}
            }
        }
        ConstraintKind::Exclude {
            text: text.join(" "),
            scope,
        }
    }
}
