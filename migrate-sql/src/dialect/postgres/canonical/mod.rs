//! One form for an expression as a script writes it and as `pg_get_expr` gives it back.
//!
//! The server does not keep the text of an expression but its tree, after it has looked up names
//! and added casts, and prints that. So spellings of one operation become one (`LIKE` and `~~`,
//! `IN` and `= ANY`, `BETWEEN` and two comparisons), parentheses follow the tree, and casts that
//! the server adds by itself are left out on both sides: those of constants, and those between
//! types of one family. What is lost by that is told apart by nobody: an index on `a` and one on
//! `a::text` count as equal.

mod interval;
mod literals;
mod operators;
mod query;

pub(super) use literals::Literals;

use migrate_core::Dialect;
use squawk_syntax::SyntaxKind::{self, *};
use squawk_syntax::SyntaxNode;
use squawk_syntax::ast::{self, AstNode, CastKind, LitKind};

use super::name;
use super::reader::{Reader, own_tokens, squeezed};
use crate::quoting::quoted;

/// Types that the server casts to without being asked; so a cast to one says nothing.
const IMPLICIT: &[&str] = &[
    "text",
    "character varying",
    "character",
    "bpchar",
    "numeric",
    "double precision",
    "bigint",
    "timestamp without time zone",
    "timestamp with time zone",
    "inet",
    "oid",
    "record",
];

/// The canonical form of an expression.
pub(super) fn expression(expr: &ast::Expr) -> String {
    match expr {
        ast::Expr::Literal(it) => literal(it),
        ast::Expr::ParenExpr(it) => match it.expr() {
            Some(inner) => expression(&inner),
            None => format!("({})", query::text(it.syntax())),
        },
        ast::Expr::NameRef(it) => identifier(it.syntax()),
        ast::Expr::FieldExpr(it) => field(it),
        ast::Expr::BinExpr(it) => operators::binary(it),
        ast::Expr::PrefixExpr(it) => operators::prefix(it),
        ast::Expr::PostfixExpr(it) => operators::postfix(it),
        ast::Expr::BetweenExpr(it) => operators::between(it),
        ast::Expr::CastExpr(it) => cast(it),
        ast::Expr::CallExpr(it) => call(it),
        ast::Expr::CaseExpr(it) => case(it),
        ast::Expr::ArrayExpr(it) => {
            match it.l_brack_token().is_some() || it.exprs().next().is_some() {
                true => format!("array[{}]", list(it.exprs())),
                false => format!("array({})", query::text(it.syntax())),
            }
        }
        ast::Expr::TupleExpr(it) => format!("row({})", list(children(it.syntax()))),
        ast::Expr::Collate(it) => format!(
            "{} collate {}",
            optional(it.expr()),
            last_part(it.collation_ref().map(|it| it.syntax().clone()))
        ),
        ast::Expr::IndexExpr(it) => format!("{}[{}]", optional(it.base()), optional(it.index())),
        ast::Expr::SliceExpr(it) => format!(
            "{}[{}:{}]",
            optional(it.base()),
            optional(it.start()),
            optional(it.end())
        ),
    }
}

fn optional(expr: Option<ast::Expr>) -> String {
    expr.map(|expr| expression(&expr)).unwrap_or_default()
}

/// Several expressions with commas between them.
fn list(exprs: impl IntoIterator<Item = ast::Expr>) -> String {
    let exprs: Vec<String> = exprs.into_iter().map(|it| expression(&it)).collect();
    exprs.join(", ")
}

/// The expressions that are children of a node.
fn children(node: &SyntaxNode) -> impl Iterator<Item = ast::Expr> {
    node.children().filter_map(ast::Expr::cast)
}

fn identifier(node: &SyntaxNode) -> String {
    name::of(node).unwrap_or_default()
}

/// The last part of a dotted name: in a catalogue a table or schema stands before it only where it
/// is needed.
fn last_part(node: Option<SyntaxNode>) -> String {
    let parts = node.map(|node| Reader::new(0).parts(&node));
    parts
        .and_then(|mut parts| parts.pop())
        .map(|part| part.name)
        .unwrap_or_default()
}

/// A column, with or without its table; or the field of a row.
fn field(it: &ast::FieldExpr) -> String {
    let field = match it.star_token() {
        Some(_) => "*".to_owned(),
        None => it
            .field()
            .map(|it| identifier(it.syntax()))
            .unwrap_or_default(),
    };
    match it.base() {
        Some(ast::Expr::NameRef(_) | ast::Expr::FieldExpr(_)) | None => field,
        Some(base) => format!("{}.{field}", expression(&base)),
    }
}

fn literal(it: &ast::Literal) -> String {
    match it.kind() {
        Some(LitKind::IntNumber(token) | LitKind::NumericNumber(token)) => {
            Literals::number(token.text())
        }
        Some(LitKind::ByteString(_)) => {
            let digits = it.string_value().unwrap_or_default();
            Literals::string(&Literals::hexadecimal_bits(&digits))
        }
        Some(
            LitKind::String(_)
            | LitKind::EscString(_)
            | LitKind::DollarQuotedString(_)
            | LitKind::NationalString(_)
            | LitKind::UnicodeEscString(_)
            | LitKind::BitString(_),
        ) => Literals::string(&it.string_value().unwrap_or_default()),
        _ => own_tokens(it.syntax())
            .map(|token| token.text().to_ascii_lowercase())
            .collect(),
    }
}

/// Whether the server would take an expression for a constant, casts included.
fn is_constant(expr: &ast::Expr) -> bool {
    match expr {
        ast::Expr::Literal(_) => true,
        ast::Expr::ParenExpr(it) => it.expr().is_some_and(|it| is_constant(&it)),
        ast::Expr::CastExpr(it) => {
            it.kind() == Some(CastKind::TypeLiteral) || it.expr().is_some_and(|it| is_constant(&it))
        }
        ast::Expr::PrefixExpr(it) => it.expr().is_some_and(|it| is_constant(&it)),
        ast::Expr::ArrayExpr(it) => {
            it.l_brack_token().is_some() && it.exprs().all(|it| is_constant(&it))
        }
        _ => false,
    }
}

fn cast(it: &ast::CastExpr) -> String {
    let column_type = it.ty().map(|ty| Reader::new(0).plain_type(&ty));
    let type_name = column_type.as_ref().map_or("", |it| it.name.as_str());
    // `interval '1' day`, `date '2020-01-01'`.
    if it.kind() == Some(CastKind::TypeLiteral) {
        let value = it.literal().and_then(|it| it.string_value());
        let mut value = value.unwrap_or_default();
        if let Some(unit) = it.interval_qualifier()
            && value.trim().parse::<i64>().is_ok()
        {
            value = format!("{value} {}", squeezed(unit.syntax()));
        }
        return constant(&Literals::string(&value), type_name);
    }
    let Some(inner) = it.expr() else {
        return String::new();
    };
    let text = expression(&inner);
    if is_constant(&inner) {
        return constant(&text, type_name);
    }
    match column_type {
        // A smallint becomes an integer by itself, a text does not.
        Some(column_type) if column_type.name == "integer" && is_column(&inner) => text,
        // What a part of JSON is already.
        Some(column_type)
            if matches!(column_type.name.as_str(), "json" | "jsonb")
                && operators::takes_json_apart(&inner) =>
        {
            text
        }
        Some(column_type) if !IMPLICIT.contains(&column_type.name.as_str()) => {
            format!("{text}::{column_type}")
        }
        _ => text,
    }
}

/// A column and nothing else, in parentheses or not.
fn is_column(expr: &ast::Expr) -> bool {
    match expr {
        ast::Expr::NameRef(_) => true,
        ast::Expr::FieldExpr(it) => matches!(it.base(), Some(ast::Expr::NameRef(_))),
        ast::Expr::ParenExpr(it) => it.expr().is_some_and(|it| is_column(&it)),
        _ => false,
    }
}

/// A constant of a type.
fn constant(text: &str, type_name: &str) -> String {
    match type_name {
        "boolean" => match Literals::boolean(text) {
            Some(value) => value.to_owned(),
            None => text.to_owned(),
        },
        "regclass" => relation(text),
        _ => text.to_owned(),
    }
}

/// The name of a relation in a string, as the server prints it: with a schema only where it is
/// needed, quoted only where it must be.
fn relation(text: &str) -> String {
    let parts = name::decode_dotted(text.trim_matches('\''));
    let parts = match parts.as_slice() {
        [schema, rest @ ..] if schema == "public" && !rest.is_empty() => rest,
        parts => parts,
    };
    let parts: Vec<String> = parts
        .iter()
        .map(|part| quoted(part, Dialect::Postgres))
        .collect();
    format!("'{}'", parts.join("."))
}

fn case(it: &ast::CaseExpr) -> String {
    let mut text = "case".to_owned();
    if let Some(subject) = it.expr() {
        text.push_str(&format!(" {}", expression(&subject)));
    }
    if let Some(list) = it.when_clause_list() {
        for when in list.syntax().children() {
            let mut parts = children(&when);
            let condition = optional(parts.next());
            let result = optional(parts.next());
            text.push_str(&format!(" when {condition} then {result}"));
        }
    }
    // The server adds ELSE NULL.
    let otherwise = it.else_clause().and_then(|it| it.expr());
    if let Some(otherwise) = otherwise
        .map(|it| expression(&it))
        .filter(|it| it != "null")
    {
        text.push_str(&format!(" else {otherwise}"));
    }
    text + " end"
}

fn call(it: &ast::CallExpr) -> String {
    if let Some(extract) = it.extract_fn() {
        let field = extract.extract_field().map(|it| it.syntax().clone());
        let field = field.map(|node| match ast::ExtractFieldLiteral::cast(node.clone()) {
            Some(it) => it
                .literal()
                .and_then(|it| it.string_value())
                .unwrap_or_default(),
            None => identifier(&node),
        });
        return format!(
            "extract('{}', {})",
            field.unwrap_or_default().to_lowercase(),
            optional(extract.expr())
        );
    }
    if let Some(special) = special(it.syntax()) {
        return special;
    }
    let Some(function) = it.expr() else {
        // EXISTS, ANY, and what has a syntax of its own.
        return query::text(it.syntax());
    };
    let name = match &function {
        ast::Expr::FieldExpr(field) => field
            .field()
            .map(|it| identifier(it.syntax()))
            .unwrap_or_default(),
        other => expression(other),
    };
    let arguments = it.arg_list().map(|it| it.syntax().clone());
    let mut arguments: Vec<String> = arguments.iter().flat_map(arguments_of).collect();
    match (name.as_str(), arguments.as_mut_slice()) {
        // Before PostgreSQL 14, EXTRACT was printed like this.
        ("date_part", [field, source]) => {
            return format!("extract({}, {source})", field.to_lowercase());
        }
        ("nextval" | "currval" | "setval", [sequence, ..]) => *sequence = relation(sequence),
        _ => {}
    }
    let mut text = format!("{name}({})", arguments.join(", "));
    for clause in it.syntax().children() {
        if matches!(
            clause.kind(),
            FILTER_CLAUSE | OVER_CLAUSE | WITHIN_CLAUSE | IGNORE_NULLS | RESPECT_NULLS
        ) {
            text.push_str(&format!(" {}", query::text(&clause)));
        }
    }
    text
}

/// The arguments in a list, with what stands before the first.
fn arguments_of(list: &SyntaxNode) -> Vec<String> {
    let arguments: Vec<String> = list
        .children()
        .filter(|it| it.kind() == ARG)
        .map(|arg| match only_expression(&arg) {
            Some(expr) => expression(&expr),
            None => query::text(&arg),
        })
        .collect();
    if own_tokens(list).any(|token| token.kind() == STAR) {
        return vec!["*".to_owned()];
    }
    let distinct = list.children().any(|it| it.kind() == DISTINCT);
    match (distinct, arguments.split_first()) {
        (true, Some((first, rest))) => std::iter::once(format!("distinct {first}"))
            .chain(rest.iter().cloned())
            .collect(),
        _ => arguments,
    }
}

/// The expression that is all of an argument.
fn only_expression(arg: &SyntaxNode) -> Option<ast::Expr> {
    let expr = children(arg).next()?;
    (expr.syntax().text_range() == arg.text_range()).then_some(expr)
}

/// Functions with keywords between their arguments, as calls of the functions that they are.
fn special(node: &SyntaxNode) -> Option<String> {
    let function = node
        .children()
        .find(|it| matches!(it.kind(), POSITION_FN | SUBSTRING_FN | OVERLAY_FN | TRIM_FN))?;
    let arguments: Vec<String> = function
        .descendants()
        .skip(1)
        .filter(|it| {
            it.parent()
                .is_some_and(|it| !ast::Expr::can_cast(it.kind()))
        })
        .filter_map(ast::Expr::cast)
        .map(|it| expression(&it))
        .collect();
    let within = |kind: SyntaxKind| function.descendants().any(|it| it.kind() == kind);
    Some(match (function.kind(), arguments.as_slice()) {
        // The function has what is searched for last.
        (POSITION_FN, [needle, hay]) if own_tokens(&function).any(|it| it.kind() == IN_KW) => {
            format!("position({hay}, {needle})")
        }
        (POSITION_FN, _) => format!("position({})", arguments.join(", ")),
        (SUBSTRING_FN, [text, length, start]) if within(SUBSTRING_FOR_FROM) => {
            format!("substring({text}, {start}, {length})")
        }
        (SUBSTRING_FN, [text, length]) if within(SUBSTRING_FOR_FROM) => {
            format!("substring({text}, 1, {length})")
        }
        (SUBSTRING_FN, [text, pattern, escape]) if within(SUBSTRING_SIMILAR_ESCAPE) => {
            format!("substring({text}, similar_to_escape({pattern}, {escape}))")
        }
        (SUBSTRING_FN, _) => format!("substring({})", arguments.join(", ")),
        (OVERLAY_FN, _) => format!("overlay({})", arguments.join(", ")),
        _ => {
            let name = if within(TRIM_LEADING) {
                "ltrim"
            } else if within(TRIM_TRAILING) {
                "rtrim"
            } else {
                "btrim"
            };
            // `TRIM(characters FROM text)` is `btrim(text, characters)`.
            match arguments.as_slice() {
                [characters, text] if within(TRIM_EXPR_FROM) => {
                    format!("{name}({text}, {characters})")
                }
                _ => format!("{name}({})", arguments.join(", ")),
            }
        }
    })
}
