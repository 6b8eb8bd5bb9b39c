//! Expressions that follow a renamed column.

use migrate_core::Dialect;

use crate::dialect;
use crate::expression::Expression;
use crate::quoting::quoted;
use crate::schema::{Index, IndexKey, Table, same_name};

/// Whether an expression of a table reads that column of it.
pub(in crate::schema) fn reads_column(
    expression: &Expression,
    column: &str,
    dialect: Dialect,
) -> bool {
    expression
        .scope
        .walk()
        .flat_map(|scope| &scope.columns)
        .any(|it| same_name(dialect, &it.column.name, column))
}

/// Gives a column its new name in everything of its table that names it.
pub(super) fn rename_in_table(table: &mut Table, from: &str, to: &str, dialect: Dialect) {
    let follow = |name: &mut String| {
        if same_name(dialect, name, from) {
            to.clone_into(name);
        }
    };
    let rewrite = |expression: &mut Expression| rename_in_expression(expression, from, to, dialect);
    for column in &mut table.columns {
        follow(&mut column.name);
        if let Some(generated) = &mut column.generated {
            rewrite(&mut generated.expression);
        }
    }
    for key in table.primary_key.iter_mut().chain(&mut table.unique) {
        key.columns.iter_mut().for_each(follow);
    }
    for key in &mut table.foreign_keys {
        key.columns.iter_mut().for_each(follow);
    }
    for constraint in &mut table.constraints {
        constraint.check.iter_mut().for_each(rewrite);
        if let Some(text) = &mut constraint.exclude {
            *text = replace_words(text, from, to, dialect);
        }
    }
    for index in &mut table.indexes {
        rename_in_index(index, from, to, dialect);
    }
    for trigger in &mut table.triggers {
        trigger.columns.iter_mut().for_each(follow);
    }
    for policy in &mut table.policies {
        policy.expressions.iter_mut().for_each(rewrite);
    }
}

fn rename_in_index(index: &mut Index, from: &str, to: &str, dialect: Dialect) {
    let follow = |name: &mut String| {
        if same_name(dialect, name, from) {
            to.clone_into(name);
        }
    };
    let rewrite = |expression: &mut Expression| rename_in_expression(expression, from, to, dialect);
    for IndexKey {
        column, expression, ..
    } in &mut index.keys
    {
        column.iter_mut().for_each(follow);
        expression.iter_mut().for_each(rewrite);
    }
    index.include.iter_mut().for_each(follow);
    index.predicate.iter_mut().for_each(rewrite);
}

/// Gives a column its new name in an expression, which is read again.
pub(in crate::schema) fn rename_in_expression(
    expression: &mut Expression,
    from: &str,
    to: &str,
    dialect: Dialect,
) {
    if !reads_column(expression, from, dialect) {
        return;
    }
    let text = replace_words(&expression.text, from, to, dialect);
    *expression = dialect::expression(&text, dialect);
}

/// Replaces a column's name wherever it stands as an identifier: not in a string, and not before a
/// parenthesis, where it is a function's.
fn replace_words(text: &str, from: &str, to: &str, dialect: Dialect) -> String {
    let quoted_to = quoted(to, dialect);
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let (piece, is_name) = match c {
            '\'' => (&rest[..quoted_end(rest, '\'')], false),
            '"' | '`' => (&rest[..quoted_end(rest, c)], true),
            '[' if dialect == Dialect::Sqlite => (&rest[..quoted_end(rest, ']')], true),
            c if is_word(c) => {
                let end = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
                (&rest[..end], true)
            }
            c => (&rest[..c.len_utf8()], false),
        };
        let after = &rest[piece.len()..];
        let name = unquoted(piece);
        let folded = match (piece.len() == name.len(), dialect) {
            (true, Dialect::Postgres) => name.to_lowercase(),
            _ => name.to_owned(),
        };
        if is_name && same_name(dialect, &folded, from) && !after.trim_start().starts_with('(') {
            result.push_str(&quoted_to);
        } else {
            result.push_str(piece);
        }
        rest = after;
    }
    result
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$'
}

/// Where a quoted piece ends, its quotes included.
fn quoted_end(text: &str, close: char) -> usize {
    text.char_indices()
        .skip(1)
        .find(|(_, c)| *c == close)
        .map_or(text.len(), |(index, c)| index + c.len_utf8())
}

fn unquoted(piece: &str) -> &str {
    let inner = match piece.chars().next() {
        Some('"' | '`' | '[') => piece.get(1..piece.len().saturating_sub(1)),
        _ => None,
    };
    inner.unwrap_or(piece)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_replaced_and_nothing_else() {
        let replace = |text| replace_words(text, "a", "b", Dialect::Postgres);
        assert_eq!(replace("a > 0 AND A < 'a'"), "b > 0 AND b < 'a'");
        assert_eq!(replace("\"a\" = aa(a) + a (1)"), "b = aa(b) + a (1)");
        assert_eq!(
            replace_words("`A` + a", "a", "Total", Dialect::Mysql),
            "Total + Total"
        );
        assert_eq!(
            replace_words("a > 0", "a", "order", Dialect::Postgres),
            "\"order\" > 0"
        );
    }
}
