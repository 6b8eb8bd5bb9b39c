//! Queries and clauses inside expressions.

use squawk_syntax::SyntaxKind::*;
use squawk_syntax::SyntaxNode;
use squawk_syntax::ast::{self, AstNode};

use super::super::reader::is_trivia;
use super::{expression, last_part};

/// The words of a query or clause, its expressions in their canonical form. What the server adds
/// when it prints a query is left out: aliases, parentheses around joins, the words that say what
/// holds anyway.
pub(super) fn text(node: &SyntaxNode) -> String {
    let mut words = Vec::new();
    collect(node, &mut words);
    words.join(" ")
}

fn collect(node: &SyntaxNode, words: &mut Vec<String>) {
    for element in node.children_with_tokens() {
        if let Some(token) = element.as_token() {
            let silent = is_trivia(token.kind())
                || matches!(
                    token.kind(),
                    L_PAREN | R_PAREN | AS_KW | INNER_KW | OUTER_KW | ASC_KW
                );
            match token.kind() {
                // The two mean the same.
                SOME_KW => words.push("any".to_owned()),
                _ if silent => {}
                _ => words.push(token.text().to_ascii_lowercase()),
            }
            continue;
        }
        let Some(child) = element.as_node() else {
            continue;
        };
        match child.kind() {
            AS_NAME | FROM_ALIAS | SORT_ASC => {}
            RELATION_NAME_REF => words.push(last_part(Some(child.clone()))),
            _ => match ast::Expr::cast(child.clone()) {
                // A join in parentheses.
                Some(ast::Expr::ParenExpr(paren)) if paren.from_list_item().is_some() => {
                    collect(child, words);
                }
                Some(expr) => words.push(expression(&expr)),
                None => collect(child, words),
            },
        }
    }
}
