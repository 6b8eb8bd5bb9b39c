//! The columns that a query gives.

use squawk_syntax::SyntaxKind::*;
use squawk_syntax::SyntaxNode;
use squawk_syntax::ast::{self, AstNode};

use super::reader::{Reader, child, has_token, own_tokens};
use super::scope::is_query;
use crate::change::OutputColumns;
use crate::name::Ident;
use crate::scope::{ColumnRef, SelectItem};

/// The names of what stands after SELECT, as far as it has some.
pub(super) fn names(clause: &SyntaxNode) -> Vec<String> {
    let Some(list) = child(clause, TARGET_LIST) else {
        return Vec::new();
    };
    let reader = Reader::new(0);
    list.children()
        .filter_map(ast::Target::cast)
        .filter_map(|target| reader.output_name(&target))
        .map(|name| name.name)
        .collect()
}

/// The columns that a query, or a statement with RETURNING, gives.
pub(super) fn columns(node: &SyntaxNode) -> OutputColumns {
    Reader::new(0).output_columns(node)
}

impl Reader {
    /// As [`columns`], with their places in the script.
    pub(super) fn output_columns(&self, node: &SyntaxNode) -> OutputColumns {
        match node.kind() {
            SELECT | SELECT_INTO => match child(node, SELECT_CLAUSE) {
                Some(clause) => self.targets(&clause),
                None => OutputColumns::Unknown,
            },
            // The first arm names them.
            COMPOUND_SELECT | PAREN_SELECT | PAREN_EXPR => node
                .children()
                .find(|it| is_query(it.kind()) || it.kind() == PAREN_EXPR)
                .map_or(OutputColumns::Unknown, |it| self.output_columns(&it)),
            VALUES => {
                let row = child(node, ROW_LIST).and_then(|rows| rows.children().next());
                let values = row.map_or(0, |row| row.children().count());
                let name = |at| Ident::new(format!("column{at}"), self.span(node));
                OutputColumns::Known((1..=values).map(name).collect())
            }
            INSERT | UPDATE | DELETE | MERGE => match child(node, RETURNING_CLAUSE) {
                Some(clause) => self.targets(&clause),
                None => OutputColumns::Known(Vec::new()),
            },
            _ => OutputColumns::Unknown,
        }
    }

    /// The select list, in its order.
    pub(super) fn select_items(&self, clause: &SyntaxNode) -> Vec<SelectItem> {
        let Some(list) = child(clause, TARGET_LIST) else {
            return Vec::new();
        };
        list.children()
            .filter_map(ast::Target::cast)
            .map(|target| self.select_item(&target))
            .collect()
    }

    fn select_item(&self, target: &ast::Target) -> SelectItem {
        let name = self.output_name(target).map(|it| it.name);
        let column = match target.expr() {
            Some(ast::Expr::FieldExpr(field)) => {
                let is_star = field.star_token().is_some();
                let Some(mut names) = self.dotted(field.syntax()) else {
                    return match is_star {
                        true => SelectItem::Fields,
                        false => SelectItem::Expression { name },
                    };
                };
                if is_star {
                    return SelectItem::Star {
                        qualifier: names.pop(),
                    };
                }
                names.pop().map(|column| ColumnRef {
                    qualifier: names.pop(),
                    column,
                })
            }
            Some(ast::Expr::NameRef(column)) if has_token(column.syntax(), IDENT) => {
                self.ident(column.syntax()).map(|column| ColumnRef {
                    qualifier: None,
                    column,
                })
            }
            Some(_) => None,
            None => return SelectItem::Star { qualifier: None },
        };
        match (column, name) {
            (Some(column), Some(name)) => SelectItem::Column { column, name },
            (_, name) => SelectItem::Expression { name },
        }
    }

    fn targets(&self, clause: &SyntaxNode) -> OutputColumns {
        let Some(list) = child(clause, TARGET_LIST) else {
            return OutputColumns::Known(Vec::new());
        };
        let names: Option<Vec<Ident>> = list
            .children()
            .filter_map(ast::Target::cast)
            .map(|target| self.output_name(&target))
            .collect();
        match names {
            Some(names) => OutputColumns::Known(names),
            None => OutputColumns::Unknown,
        }
    }

    /// The name that a column of a query gets; `None` for `*`, and for expressions whose name is
    /// `?column?` or is left to the server.
    fn output_name(&self, target: &ast::Target) -> Option<Ident> {
        if let Some(name) = target.as_name().and_then(|it| it.name()) {
            return self.ident(name.syntax());
        }
        self.name_of(&target.expr()?)
    }

    fn name_of(&self, expr: &ast::Expr) -> Option<Ident> {
        match expr {
            ast::Expr::NameRef(it) => self.ident(it.syntax()),
            ast::Expr::FieldExpr(it) => match it.star_token() {
                Some(_) => None,
                None => self.ident(it.field()?.syntax()),
            },
            ast::Expr::ParenExpr(it) => self.name_of(&it.expr()?),
            ast::Expr::Collate(it) => self.name_of(&it.expr()?),
            ast::Expr::IndexExpr(it) => self.name_of(&it.base()?),
            ast::Expr::SliceExpr(it) => self.name_of(&it.base()?),
            // `a::text` is called `a`; of a constant the type gives the name.
            ast::Expr::CastExpr(it) => self.name_of(&it.expr()?),
            ast::Expr::CallExpr(it) => match it.expr() {
                Some(function) => self.name_of(&function),
                None => {
                    let function = it.syntax().children().next()?;
                    let word = own_tokens(&function).next()?;
                    matches!(function.kind(), EXISTS_FN | EXTRACT_FN)
                        .then(|| Ident::new(word.text().to_ascii_lowercase(), self.span(&function)))
                }
            },
            ast::Expr::CaseExpr(it) => {
                let otherwise = it.else_clause().and_then(|it| it.expr());
                otherwise
                    .and_then(|it| self.name_of(&it))
                    .or_else(|| Some(Ident::new("case", self.span(it.syntax()))))
            }
            ast::Expr::ArrayExpr(it) => Some(Ident::new("array", self.span(it.syntax()))),
            _ => None,
        }
    }
}
