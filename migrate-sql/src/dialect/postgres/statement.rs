//! Which statement it is.

use squawk_syntax::SyntaxKind::*;
use squawk_syntax::SyntaxNode;
use squawk_syntax::ast::{self, AstNode};

use super::reader::{Reader, child};
use super::scope::is_query;
use crate::change::{Change, Opaque, Touches};

impl Reader {
    /// What a statement does, in order.
    pub(super) fn statement(&self, statement: &ast::Stmt, out: &mut Vec<Change>) {
        let node = statement.syntax();
        let before = out.len();
        let change = match statement {
            ast::Stmt::EmptyStmt(_) => return,
            ast::Stmt::CreateTable(_)
            | ast::Stmt::CreateForeignTable(_)
            | ast::Stmt::CreateTableAs(_) => self.create_table(node),
            ast::Stmt::SelectInto(_) => self.select_into(node),
            ast::Stmt::AlterTable(_) => {
                self.alter_table(node, crate::change::ObjectKind::Table, out);
                None
            }
            ast::Stmt::CreateIndex(it) => self.create_index(it),
            ast::Stmt::AlterIndex(it) => self.alter_index(it),
            ast::Stmt::Insert(_)
            | ast::Stmt::Update(_)
            | ast::Stmt::Delete(_)
            | ast::Stmt::Merge(_) => self.dml(node),
            _ if is_query(node.kind()) => self.dml(node),
            _ => self.drop(node),
        };
        out.extend(change);
        if out.len() == before {
            out.push(self.opaque(
                node,
                "a statement that is not followed",
                Touches::Everything,
            ));
        }
    }

    /// A statement that cannot be followed.
    pub(super) fn opaque(&self, node: &SyntaxNode, reason: &str, touches: Touches) -> Change {
        Change::Opaque(Opaque {
            reason: reason.to_owned(),
            touches,
            span: self.span(node),
        })
    }
}

/// CASCADE, with all that depends on it.
pub(super) fn is_cascade(node: &SyntaxNode) -> bool {
    child(node, CASCADE).is_some()
}
