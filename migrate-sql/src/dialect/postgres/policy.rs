//! Row security policies.

use squawk_syntax::ast;

use super::reader::Reader;
use crate::change::{AlterPolicy, Change, ObjectKind};
use crate::expression::Expression;
use crate::name::ObjectName;

impl Reader {
    /// CREATE POLICY.
    pub(super) fn create_policy(&self, it: &ast::CreatePolicy) -> Option<Change> {
        let using = self.using(it.using_expr_clause());
        let check = self.with_check(it.with_check_expr_clause());
        Some(Change::CreatePolicy {
            name: self.name(it.policy())?,
            table: self.object(it.on_table())?,
            expressions: using.into_iter().chain(check).collect(),
        })
    }

    /// ALTER POLICY.
    pub(super) fn alter_policy(&self, it: &ast::AlterPolicy) -> Option<Change> {
        let name = self.name(it.policy_ref())?;
        let table = self.object(it.on_table())?;
        Some(match it.action()? {
            ast::AlterPolicyAction::PolicyRenameTo(rename) => Change::Rename {
                kind: ObjectKind::Policy,
                from: ObjectName::unqualified(name),
                to: ObjectName::unqualified(self.name(rename.policy())?),
                table: Some(table),
                if_exists: false,
            },
            ast::AlterPolicyAction::AlterPolicyTo(alter) => {
                Change::AlterPolicy(Box::new(AlterPolicy {
                    name,
                    table,
                    using: self.using(alter.using_expr_clause()),
                    check: self.with_check(alter.with_check_expr_clause()),
                }))
            }
        })
    }

    fn using(&self, clause: Option<ast::UsingExprClause>) -> Option<Expression> {
        clause?.expr().map(|expr| self.expression(&expr))
    }

    fn with_check(&self, clause: Option<ast::WithCheckExprClause>) -> Option<Expression> {
        clause?.expr().map(|expr| self.expression(&expr))
    }
}
