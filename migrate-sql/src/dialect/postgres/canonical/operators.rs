//! Operators: one spelling an operation.

use squawk_syntax::SyntaxKind::{self, *};
use squawk_syntax::SyntaxNode;
use squawk_syntax::ast::{self, AstNode, BinOp, PostfixOp, PrefixOp};

use super::super::reader::{own_tokens, tokens};
use super::{children, expression, is_constant, list, optional, query};

pub(super) fn binary(it: &ast::BinExpr) -> String {
    let (Some(left), Some(op)) = (it.lhs(), it.op()) else {
        return query::text(it.syntax());
    };
    let right = it.rhs();
    match &op {
        BinOp::And(_) => return chain(it, AND_KW, "and"),
        BinOp::Or(_) => return chain(it, OR_KW, "or"),
        BinOp::CustomOp(_) => return from_the_left(it),
        BinOp::Eq(_) | BinOp::Neq(_) | BinOp::Neqb(_) => {
            let equal = matches!(op, BinOp::Eq(_));
            if let Some(rows) = rows(&left, right.as_ref(), equal) {
                return rows;
            }
        }
        BinOp::In(_) => return membership(&left, right, false),
        BinOp::NotIn(_) => return membership(&left, right, true),
        _ => {}
    }
    let left = expression(&left);
    let symbol = match &op {
        BinOp::AtTimeZone(_) => return format!("timezone({}, {left})", optional(right)),
        BinOp::IsDistinctFrom(_) => {
            return format!("({left} is distinct from {})", optional(right));
        }
        BinOp::IsNotDistinctFrom(_) => {
            return format!("(not ({left} is distinct from {}))", optional(right));
        }
        BinOp::Is(_) => return format!("({left} is {})", optional(right)),
        BinOp::IsNot(_) => return format!("({left} is not {})", optional(right)),
        BinOp::Like(_) => return like(&left, "~~", "like_escape", right),
        BinOp::NotLike(_) => return like(&left, "!~~", "like_escape", right),
        BinOp::Ilike(_) => return like(&left, "~~*", "like_escape", right),
        BinOp::NotIlike(_) => return like(&left, "!~~*", "like_escape", right),
        BinOp::SimilarTo(_) => return similar(&left, "~", right),
        BinOp::NotSimilarTo(_) => return similar(&left, "!~", right),
        BinOp::Neq(_) | BinOp::Neqb(_) => "<>".to_owned(),
        BinOp::OperatorCall(call) => operator(call.syntax()),
        _ => own(it.syntax()),
    };
    format!("({left} {symbol} {})", optional(right))
}

/// Whether an expression is a part of a JSON value, and JSON itself: `a -> 'b'`, `a #> '{b}'`.
pub(super) fn takes_json_apart(expr: &ast::Expr) -> bool {
    match expr {
        ast::Expr::ParenExpr(it) => it.expr().is_some_and(|it| takes_json_apart(&it)),
        ast::Expr::BinExpr(it) => match (it.op(), it.rhs()) {
            // The last operator counts, and stands farthest inside: see `from_the_left`.
            (Some(BinOp::CustomOp(_)), Some(right @ ast::Expr::BinExpr(_))) => {
                takes_json_apart(&right)
            }
            (Some(BinOp::CustomOp(it)), _) => matches!(operator(it.syntax()).as_str(), "->" | "#>"),
            _ => false,
        },
        _ => false,
    }
}

/// `a || b || c` and its like. The server reads such operators from the left, whatever they are; the
/// parser nests them to the right.
fn from_the_left(it: &ast::BinExpr) -> String {
    let mut text = String::new();
    let mut sign = None;
    let mut waiting = vec![Step::Operand(ast::Expr::BinExpr(it.clone()))];
    while let Some(step) = waiting.pop() {
        match step {
            Step::Sign(next) => sign = Some(next),
            Step::Operand(ast::Expr::BinExpr(inner))
                if let Some(BinOp::CustomOp(custom)) = inner.op() =>
            {
                waiting.extend(inner.rhs().map(Step::Operand));
                waiting.push(Step::Sign(operator(custom.syntax())));
                waiting.extend(inner.lhs().map(Step::Operand));
            }
            Step::Operand(operand) => {
                let operand = expression(&operand);
                text = match sign.take() {
                    Some(sign) => format!("({text} {sign} {operand})"),
                    None => operand,
                };
            }
        }
    }
    text
}

/// A part of a chain of operators.
enum Step {
    Operand(ast::Expr),
    Sign(String),
}

/// `(a, b) = (c, d)` is kept as `a = c AND b = d`.
fn rows(left: &ast::Expr, right: Option<&ast::Expr>, equal: bool) -> Option<String> {
    let (ast::Expr::TupleExpr(left), Some(ast::Expr::TupleExpr(right))) = (left, right) else {
        return None;
    };
    let (left, right): (Vec<_>, Vec<_>) = (
        children(left.syntax()).collect(),
        children(right.syntax()).collect(),
    );
    if left.len() != right.len() || left.len() < 2 {
        return None;
    }
    let (sign, word) = if equal {
        ("=", " and ")
    } else {
        ("<>", " or ")
    };
    let pairs: Vec<String> = left
        .iter()
        .zip(&right)
        .map(|(left, right)| format!("({} {sign} {})", expression(left), expression(right)))
        .collect();
    Some(format!("({})", pairs.join(word)))
}

/// The operator that stands between two operands as tokens of its own.
fn own(node: &SyntaxNode) -> String {
    own_tokens(node)
        .map(|token| token.text().to_ascii_lowercase())
        .collect()
}

/// The sign of an operator, without the schema in `OPERATOR(pg_catalog.+)`.
fn operator(node: &SyntaxNode) -> String {
    let sign: String = tokens(node)
        .filter(|token| !matches!(token.kind(), OPERATOR_KW | L_PAREN | R_PAREN | IDENT | DOT))
        .map(|token| token.text().to_owned())
        .collect();
    match sign.as_str() {
        "!=" => "<>".to_owned(),
        _ => sign,
    }
}

/// `a AND b AND c` as one list, also where it is nested. The left side is followed in a loop,
/// because such chains are long.
fn chain(it: &ast::BinExpr, kind: SyntaxKind, word: &str) -> String {
    let mut operands = Vec::new();
    let mut waiting = vec![ast::Expr::BinExpr(it.clone())];
    while let Some(next) = waiting.pop() {
        match &next {
            ast::Expr::ParenExpr(paren) if paren.expr().is_some() => {
                waiting.extend(paren.expr());
            }
            ast::Expr::BinExpr(inner)
                if own_tokens(inner.syntax()).any(|token| token.kind() == kind) =>
            {
                waiting.extend(inner.rhs());
                waiting.extend(inner.lhs());
            }
            // `a IN (1, b)` may itself be such a list.
            other => operands.push(expression(other)),
        }
    }
    let separator = format!(" {word} ");
    format!("({})", operands.join(&separator))
}

/// `IN (…)` as the server keeps it: constants as one `= ANY`, the others each for itself.
fn membership(left: &ast::Expr, right: Option<ast::Expr>, negated: bool) -> String {
    let text = expression(left);
    let Some(right) = right else {
        return text;
    };
    let members: Vec<ast::Expr> = match &right {
        ast::Expr::TupleExpr(tuple) => children(tuple.syntax()).collect(),
        ast::Expr::ParenExpr(paren) => match paren.expr() {
            Some(one) => vec![one],
            None => {
                let query = query::text(paren.syntax());
                return match negated {
                    true => format!("(not ({text} = any {query}))"),
                    false => format!("({text} = any {query})"),
                };
            }
        },
        other => vec![other.clone()],
    };
    let (equal, any, word) = match negated {
        true => ("<>", "all", "and"),
        false => ("=", "any", "or"),
    };
    let (columns, constants): (Vec<_>, Vec<_>) = members.into_iter().partition(reads_column);
    let mut tests = Vec::new();
    match constants.as_slice() {
        [] => {}
        [one] => tests.push(format!("({text} {equal} {})", expression(one))),
        more => tests.push(format!(
            "({text} {equal} {any} array[{}])",
            list(more.to_vec())
        )),
    }
    tests.extend(
        columns
            .iter()
            .map(|column| format!("({text} {equal} {})", expression(column))),
    );
    match tests.as_slice() {
        [one] => one.clone(),
        more => format!("({})", more.join(&format!(" {word} "))),
    }
}

fn reads_column(expr: &ast::Expr) -> bool {
    !is_constant(expr)
        && expr.syntax().descendants().any(|node| {
            // The name of a function is no column.
            node.kind() == NAME_REF
                && own_tokens(&node).any(|token| token.kind() == IDENT)
                && node
                    .parent()
                    .is_none_or(|parent| parent.kind() != CALL_EXPR)
        })
}

/// LIKE and its kin, with ESCAPE.
fn like(left: &str, sign: &str, escape: &str, right: Option<ast::Expr>) -> String {
    match with_escape(&right) {
        Some((pattern, character)) => format!("({left} {sign} {escape}({pattern}, {character}))"),
        None => format!("({left} {sign} {})", optional(right)),
    }
}

fn similar(left: &str, sign: &str, right: Option<ast::Expr>) -> String {
    match with_escape(&right) {
        Some((pattern, character)) => {
            format!("({left} {sign} similar_to_escape({pattern}, {character}))")
        }
        None => format!("({left} {sign} similar_to_escape({}))", optional(right)),
    }
}

/// `pattern ESCAPE character`.
fn with_escape(right: &Option<ast::Expr>) -> Option<(String, String)> {
    let Some(ast::Expr::BinExpr(inner)) = right else {
        return None;
    };
    match inner.op()? {
        BinOp::Escape(_) => Some((optional(inner.lhs()), optional(inner.rhs()))),
        _ => None,
    }
}

pub(super) fn prefix(it: &ast::PrefixExpr) -> String {
    let inner = optional(it.expr());
    match it.op() {
        Some(PrefixOp::Not(_)) => format!("(not {inner})"),
        // A negative number is a constant.
        Some(PrefixOp::Minus(_)) if is_number(&inner) => match inner.strip_prefix('-') {
            Some(positive) => positive.to_owned(),
            None if inner == "0" => inner,
            None => format!("-{inner}"),
        },
        Some(PrefixOp::Minus(_)) => format!("(- {inner})"),
        Some(PrefixOp::Plus(_)) => inner,
        Some(PrefixOp::CustomOp(custom)) => format!("({} {inner})", operator(custom.syntax())),
        Some(PrefixOp::OperatorCall(call)) => format!("({} {inner})", operator(call.syntax())),
        None => inner,
    }
}

fn is_number(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit() || c == '-')
        && text
            .bytes()
            .all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-'))
}

pub(super) fn postfix(it: &ast::PostfixExpr) -> String {
    let inner = optional(it.expr());
    match it.op() {
        Some(PostfixOp::IsNull(_)) => format!("({inner} is null)"),
        Some(PostfixOp::NotNull(_)) => format!("({inner} is not null)"),
        Some(PostfixOp::AtLocal(_)) => format!("timezone({inner})"),
        Some(other) => {
            let element = other.syntax_element();
            let words = element.as_node().map(query::text).unwrap_or_default();
            format!("({inner} {words})")
        }
        None => inner,
    }
}

pub(super) fn between(it: &ast::BetweenExpr) -> String {
    let (target, low, high) = (
        optional(it.target()),
        optional(it.start()),
        optional(it.end()),
    );
    let negated = it.not_token().is_some();
    let within = |low: &str, high: &str| match negated {
        true => format!("({target} < {low}) or ({target} > {high})"),
        false => format!("({target} >= {low}) and ({target} <= {high})"),
    };
    match it.between_symmetry() {
        Some(ast::BetweenSymmetry::Symmetric(_)) => {
            let word = if negated { "and" } else { "or" };
            format!(
                "(({}) {word} ({}))",
                within(&low, &high),
                within(&high, &low)
            )
        }
        _ => format!("({})", within(&low, &high)),
    }
}
