//! What the parser lets through and the server's grammar does not: clauses that are missing, lists
//! without commas, words that are taken for names.

use squawk_syntax::SyntaxKind::{self, *};
use squawk_syntax::SyntaxNode;
use squawk_syntax::ast::{self, AstNode};

use super::Fault;
use crate::dialect::postgres::dml::values_of;
use crate::dialect::postgres::name;
use crate::dialect::postgres::reader::{child, has_token, own_tokens, tokens};

/// Options of roles that are no keywords.
const ROLE_OPTIONS: &[&str] = &[
    "superuser",
    "nosuperuser",
    "createdb",
    "nocreatedb",
    "createrole",
    "nocreaterole",
    "login",
    "nologin",
    "replication",
    "noreplication",
    "bypassrls",
    "nobypassrls",
    "inherit",
    "noinherit",
    "createuser",
    "nocreateuser",
];

/// The first fault in a tree that has none for the parser.
pub(super) fn first_fault(root: &SyntaxNode) -> Option<Fault> {
    root.descendants()
        .filter_map(|node| check(&node))
        .min_by_key(|fault| fault.start)
}

fn check(node: &SyntaxNode) -> Option<Fault> {
    match node.kind() {
        DROP_TABLE => needs(node, &[TABLE_NAME_REF], "a name"),
        ALTER_TABLE | ALTER_FOREIGN_TABLE => alter_table(node),
        ALL_IN_TABLESPACE => needs(node, &[SET_TABLESPACE], "SET TABLESPACE"),
        ALTER_FUNCTION | ALTER_PROCEDURE | ALTER_ROUTINE => alter_routine(node),
        CREATE_TABLE => create_table(node),
        CREATE_TABLE_AS => columns_have_no_types(node),
        CREATE_FOREIGN_TABLE => columns_have_types(node),
        COMPOSITE_FIELD_DEF => has_type(node),
        // Half of DOUBLE PRECISION.
        PATH_TYPE
            if tokens(node)
                .next()
                .is_some_and(|it| it.kind() == PRECISION_KW) =>
        {
            Some(misplaced(node, "expected a type"))
        }
        COPY => needs(node, &[COPY_FROM, COPY_TO], "FROM or TO"),
        DISCARD => needs(
            node,
            &[DISCARD_ALL, DISCARD_PLANS, DISCARD_SEQUENCES, DISCARD_TEMP],
            "ALL, PLANS, SEQUENCES or TEMP",
        ),
        TRANSACTION_MODES => match child(node, TRANSACTION_MODE_LIST) {
            Some(list) if list.children().next().is_some() => None,
            _ => Some(after(node, "a transaction mode")),
        },
        NULLS_NOT_DISTINCT if !has_token(node, DISTINCT_KW) => Some(after(node, "DISTINCT")),
        OBJECT_OPERATOR if !(has_token(node, L_PAREN) && has_token(node, R_PAREN)) => {
            Some(after(node, "the types of its operands in parentheses"))
        }
        BIN_EXPR => binary(node),
        PREFIX_EXPR => prefix(node),
        COLLATE if child(node, COLLATION_REF).is_none() => Some(after(node, "a name")),
        INDEX_EXPR | SLICE_EXPR => subscript(node),
        CALL_EXPR => empty_call(node),
        EXECUTE => child(node, ARG_LIST)
            .filter(|list| list.children().next().is_none())
            .map(|list| inside(&list, "an expression")),
        FROM_ALIAS => alias(node),
        COLUMN_LIST | TABLE_ARG_LIST => commas(node),
        PARTITION_ITEM | CONSTRAINT_EXCLUSION | CONFLICT_INDEX_ITEM => bare_expression(node),
        ROLE_OPTION_GENERIC => role_option(node),
        GRANT_ROLE_OPTION_NAME => grant_option(node),
        PATH_SEGMENT | PATH_SEGMENT_REF => empty_segment(node),
        ROW_LIST => rows(node),
        _ => None,
    }
}

/// A clause is missing, after what is there.
fn after(node: &SyntaxNode, what: &str) -> Fault {
    let end = last_end(node);
    Fault {
        start: end,
        end,
        message: format!("expected {what}"),
    }
}

/// Something is missing before the last token.
fn inside(node: &SyntaxNode, what: &str) -> Fault {
    let start = tokens(node)
        .last()
        .map_or(0, |token| token.text_range().start().into());
    Fault {
        start,
        end: start,
        message: format!("expected {what}"),
    }
}

/// Something stands where nothing like it may.
fn misplaced(node: &SyntaxNode, message: &str) -> Fault {
    let start = tokens(node)
        .next()
        .map_or(0, |token| token.text_range().start().into());
    Fault {
        start,
        end: last_end(node),
        message: message.to_owned(),
    }
}

/// The end of the last token of a node, or of the one before it where it has none.
fn last_end(node: &SyntaxNode) -> usize {
    match tokens(node).last() {
        Some(token) => token.text_range().end().into(),
        None => node.text_range().start().into(),
    }
}

fn needs(node: &SyntaxNode, any: &[SyntaxKind], what: &str) -> Option<Fault> {
    let there = node.children().any(|it| any.contains(&it.kind()));
    (!there).then(|| after(node, what))
}

/// At least one action; and a rename stands alone.
fn alter_table(node: &SyntaxNode) -> Option<Fault> {
    let actions: Vec<SyntaxNode> = node
        .children()
        .filter(|it| ast::AlterTableAction::can_cast(it.kind()))
        .collect();
    if actions.is_empty() {
        return needs(node, &[ALL_IN_TABLESPACE], "an action, as ADD COLUMN");
    }
    if actions.len() == 1 {
        return None;
    }
    let alone = actions.iter().find(|it| {
        matches!(
            it.kind(),
            TABLE_RENAME_TO
                | RENAME_COLUMN
                | RENAME_CONSTRAINT
                | SET_SCHEMA
                | ATTACH_PARTITION
                | DETACH_PARTITION
        )
    })?;
    let verb = own_tokens(alone).next()?;
    let word = verb.text().to_ascii_uppercase();
    Some(Fault {
        start: verb.text_range().start().into(),
        end: verb.text_range().end().into(),
        message: format!(
            "{word} cannot stand beside other actions: it needs a statement of its own"
        ),
    })
}

fn alter_routine(node: &SyntaxNode) -> Option<Fault> {
    let action = node.children().last()?;
    let empty = match action.kind() {
        FUNC_OPTION_LIST => action.children().next().is_none(),
        FUNCTION_SIG | PROCEDURE_SIG | ROUTINE_SIG => true,
        _ => false,
    };
    empty.then(|| after(node, "an action, as RENAME TO"))
}

fn create_table(node: &SyntaxNode) -> Option<Fault> {
    let typed = child(node, OF_TYPE).is_some() || child(node, PARTITION_OF).is_some();
    if typed {
        return columns_have_no_types(node);
    }
    let Some(_) = child(node, TABLE_ARG_LIST) else {
        let name = child(node, TABLE_NAME)?;
        return Some(after(&name, "`(`"));
    };
    columns_have_types(node)
}

fn columns(node: &SyntaxNode) -> impl Iterator<Item = SyntaxNode> {
    let list = child(node, TABLE_ARG_LIST);
    list.into_iter()
        .flat_map(|list| list.children().collect::<Vec<_>>())
        .filter(|it| it.kind() == COLUMN)
}

fn columns_have_types(node: &SyntaxNode) -> Option<Fault> {
    if child(node, PARTITION_OF).is_some() {
        return None;
    }
    columns(node).find_map(|column| has_type(&column))
}

/// The columns of a typed table or partition have theirs already.
fn columns_have_no_types(node: &SyntaxNode) -> Option<Fault> {
    let typed = columns(node).find_map(|it| it.children().find_map(ast::Type::cast))?;
    Some(misplaced(
        typed.syntax(),
        "expected a constraint: the column has its type already",
    ))
}

/// A column or field has a type after its name.
fn has_type(column: &SyntaxNode) -> Option<Fault> {
    if column.children().any(|it| ast::Type::can_cast(it.kind())) {
        return None;
    }
    let name = column.children().next()?;
    Some(after(&name, "a type"))
}

fn binary(node: &SyntaxNode) -> Option<Fault> {
    let expr = ast::BinExpr::cast(node.clone())?;
    let Some(right) = expr.rhs() else {
        return Some(after(node, "an expression"));
    };
    match expr.op()? {
        // What is tested for is one of a few words.
        ast::BinOp::Is(_) | ast::BinOp::IsNot(_) => {
            let words: Vec<String> = tokens(right.syntax())
                .map(|token| token.text().to_ascii_lowercase())
                .collect();
            let known = matches!(
                words.as_slice(),
                [word] if matches!(word.as_str(), "null" | "true" | "false" | "unknown" | "document" | "normalized")
            );
            (!known).then(|| {
                misplaced(
                    right.syntax(),
                    "expected NULL, TRUE, FALSE, UNKNOWN or DISTINCT FROM",
                )
            })
        }
        ast::BinOp::Escape(escape) => {
            let pattern = node.parent().and_then(ast::BinExpr::cast);
            let belongs = pattern.and_then(|it| it.op()).is_some_and(|op| {
                matches!(
                    op,
                    ast::BinOp::Like(_)
                        | ast::BinOp::NotLike(_)
                        | ast::BinOp::Ilike(_)
                        | ast::BinOp::NotIlike(_)
                        | ast::BinOp::SimilarTo(_)
                        | ast::BinOp::NotSimilarTo(_)
                )
            });
            (!belongs).then(|| Fault {
                start: escape.text_range().start().into(),
                end: escape.text_range().end().into(),
                message: "ESCAPE belongs to LIKE, ILIKE or SIMILAR TO".to_owned(),
            })
        }
        _ => None,
    }
}

/// Signs that stand between two operands only.
fn prefix(node: &SyntaxNode) -> Option<Fault> {
    let sign = child(node, CUSTOM_OP)?;
    let text: String = tokens(&sign).map(|token| token.text().to_owned()).collect();
    matches!(
        text.as_str(),
        "<>" | "!=" | "<=" | ">=" | "=>" | "<" | ">" | "=" | ":="
    )
    .then(|| misplaced(&sign, "an operand is missing"))
}

fn subscript(node: &SyntaxNode) -> Option<Fault> {
    let base = node.children().next()?;
    if let Some(literal) = ast::Literal::cast(base)
        && literal.positional_param_index().is_none()
    {
        let bracket = own_tokens(node).find(|token| token.kind() == L_BRACK)?;
        return Some(Fault {
            start: bracket.text_range().start().into(),
            end: bracket.text_range().end().into(),
            message: "a constant takes a subscript only in parentheses".to_owned(),
        });
    }
    let empty = node.kind() == INDEX_EXPR && node.children().count() < 2;
    empty.then(|| inside(node, "an expression"))
}

/// `CURRENT_TIME()`: without parentheses, or with a number in them.
fn empty_call(node: &SyntaxNode) -> Option<Fault> {
    let keyword = own_tokens(&child(node, NAME_REF)?).next()?;
    let special = matches!(
        keyword.kind(),
        CURRENT_TIME_KW | CURRENT_TIMESTAMP_KW | LOCALTIME_KW | LOCALTIMESTAMP_KW
    );
    let list = child(node, ARG_LIST)?;
    (special && list.children().next().is_none()).then(|| inside(&list, "a number"))
}

fn alias(node: &SyntaxNode) -> Option<Fault> {
    let definitions = child(node, COLUMN_DEF_LIST);
    if child(node, TABLE_ALIAS).is_none() && has_token(node, AS_KW) && definitions.is_none() {
        return Some(after(node, "a name"));
    }
    // Only what a function gives takes types.
    let definitions = definitions?;
    let function = node
        .parent()
        .is_some_and(|item| !matches!(item.kind(), RELATION_FROM_ITEM | PAREN_FROM_ITEM));
    if function {
        return None;
    }
    let ty = definitions.descendants().find_map(ast::Type::cast)?;
    Some(Fault {
        start: ty.syntax().text_range().start().into(),
        end: ty.syntax().text_range().start().into(),
        message: "expected `,`".to_owned(),
    })
}

/// Between two elements of a list there is a comma.
fn commas(node: &SyntaxNode) -> Option<Fault> {
    let mut before = false;
    for element in node.children_with_tokens() {
        if let Some(token) = element.as_token() {
            if token.kind() == COMMA {
                before = false;
            }
        } else if let Some(item) = element.as_node()
            && tokens(item).next().is_some()
        {
            if before {
                let start = item.text_range().start().into();
                return Some(Fault {
                    start,
                    end: start,
                    message: "expected `,`".to_owned(),
                });
            }
            before = true;
        }
    }
    None
}

/// What is indexed is a column, a call, or stands in parentheses.
fn bare_expression(item: &SyntaxNode) -> Option<Fault> {
    let expr = item.children().find_map(ast::Expr::cast)?;
    let inner = match &expr {
        ast::Expr::Collate(collate) => collate.expr()?,
        other => other.clone(),
    };
    let plain = match &inner {
        ast::Expr::NameRef(_) | ast::Expr::CallExpr(_) | ast::Expr::ParenExpr(_) => true,
        ast::Expr::TupleExpr(row) => !has_token(row.syntax(), ROW_KW),
        ast::Expr::CastExpr(cast) => has_token(cast.syntax(), CAST_KW),
        _ => false,
    };
    (!plain).then(|| misplaced(inner.syntax(), "an expression stands in parentheses here"))
}

fn role_option(node: &SyntaxNode) -> Option<Fault> {
    let word = name::of(node)?;
    (!ROLE_OPTIONS.contains(&word.as_str()))
        .then(|| misplaced(node, "expected an option of a role, as LOGIN"))
}

/// WITH ADMIN OPTION of a role, WITH GRANT OPTION of a privilege.
fn grant_option(node: &SyntaxNode) -> Option<Fault> {
    let word = name::of(node)?;
    let grant = node
        .ancestors()
        .find(|it| matches!(it.kind(), GRANT | GRANT_DEFAULT_PRIVILEGES))?;
    let privilege = grant.kind() == GRANT_DEFAULT_PRIVILEGES
        || child(&grant, ON_PRIVILEGE_OBJECTS_CLAUSE).is_some();
    let (known, expected) = match privilege {
        true => (false, "expected GRANT OPTION"),
        false => (
            matches!(word.as_str(), "admin" | "inherit" | "set"),
            "expected ADMIN, INHERIT or SET",
        ),
    };
    (!known).then(|| misplaced(node, expected))
}

/// `a..b`, `a.`
fn empty_segment(node: &SyntaxNode) -> Option<Fault> {
    let operator = node.ancestors().any(|it| it.kind() == OP);
    (tokens(node).next().is_none() && !operator).then(|| after(node, "a name"))
}

/// All rows of VALUES are of one length.
fn rows(node: &SyntaxNode) -> Option<Fault> {
    let mut rows = node.children();
    let first = values_of(&rows.next()?)?;
    let other = rows.find(|row| values_of(row).is_some_and(|it| it != first))?;
    Some(misplaced(
        &other,
        "all rows of VALUES must have the same number of values",
    ))
}
