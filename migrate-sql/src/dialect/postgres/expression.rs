//! Expressions: defaults, checks, generated columns, index expressions, policies.

use squawk_syntax::ast::{self, AstNode};

use super::canonical::{self, Literals};
use super::reader::{Reader, text};
use super::scope::ScopeReader;
use super::tree;
use crate::column_type::ColumnType;
use crate::expression::Expression;
use crate::name::Span;

impl Reader {
    /// An expression at its place, with what it reads.
    pub(super) fn expression(&self, expr: &ast::Expr) -> Expression {
        // A pair of parentheses around all of it belongs to the grammar, as in CHECK ((a)).
        let mut inner = expr.clone();
        while let ast::Expr::ParenExpr(paren) = &inner
            && let Some(next) = paren.expr()
        {
            inner = next;
        }
        Expression {
            text: text(expr.syntax()),
            canonical: canonical::expression(&inner),
            span: self.span(expr.syntax()),
            scope: ScopeReader::new(*self).expression(expr.syntax()),
        }
    }

    /// The default of a column, where the type decides what a string means: `'t'` is `true` in a
    /// boolean column. `None` for NULL, which the server does not keep as a default.
    pub(super) fn default(
        &self,
        expr: &ast::Expr,
        column_type: Option<&ColumnType>,
    ) -> Option<Expression> {
        let mut expression = self.expression(expr);
        if expression.canonical == "null" {
            return None;
        }
        if column_type.is_some_and(|it| it.name == "boolean" && it.dimensions == 0)
            && let Some(value) = Literals::boolean(&expression.canonical)
        {
            expression.canonical = value.to_owned();
        }
        Some(expression)
    }
}

/// Reads an expression that a catalogue or a script gives.
pub(super) fn parse(text: &str) -> Expression {
    let read = || {
        let node = tree::fragment("SELECT (", text, "\n)")?;
        let expr = ast::Expr::cast(node)?;
        let mut expression = Reader::new(0).expression(&expr);
        expression.text = text.to_owned();
        expression.span = Span::default();
        Some(expression)
    };
    tree::with_stack(text, read)
        .flatten()
        .unwrap_or_else(|| Expression::opaque(text))
}
