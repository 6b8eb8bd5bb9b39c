//! Expressions as the model computes them.

use crate::change::{Query, Value, Variable};
use crate::dialect::reader::Tree;

/// An expression, as far as it may be computed.
pub(super) fn value(tree: &Tree) -> Value {
    match tree {
        Tree::Name(parts) => match parts.last() {
            Some(name) => Value::Name(name.to_lowercase(), parts.len() > 1),
            None => Value::Unknown,
        },
        Tree::Number(number) => number.parse().map_or(Value::Unknown, Value::Number),
        Tree::Text(text) => Value::Text(text.clone()),
        Tree::Word(word) if word == "null" => Value::Null,
        Tree::Word(word) if word == "*" => Value::Star,
        Tree::Word(word) => session_variable(word).map_or(Value::Unknown, Value::Session),
        Tree::Query(rows) => match rows {
            Some(rows) => Value::Query(Box::new(Query {
                select: rows.select.iter().map(value).collect(),
                from: rows.from.clone(),
                condition: rows.condition.as_ref().map(value),
            })),
            None => Value::Unknown,
        },
        Tree::Node(head, parts) => {
            Value::Operation(head.to_string(), parts.iter().map(value).collect())
        }
        Tree::Bytes(_) => Value::Unknown,
    }
}

/// What an expression is assigned to.
pub(super) fn variable(tree: &Tree) -> Option<Variable> {
    match tree {
        Tree::Word(word) => session_variable(word).map(Variable::Session),
        Tree::Name(parts) => match parts.as_slice() {
            [name] => Some(Variable::Local(name.to_lowercase())),
            _ => None,
        },
        _ => None,
    }
}

/// The name of `@x`, in lower case; nothing for the server's own `@@x`.
pub(super) fn session_variable(word: &str) -> Option<String> {
    let name = word.strip_prefix('@')?;
    if name.starts_with('@') {
        return None;
    }
    let name = name.trim_matches(['\'', '"', '`']);
    Some(name.to_lowercase())
}
