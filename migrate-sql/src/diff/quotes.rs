//! SQLite's double quotes: around a name, or around a string where no column has that name.
//!
//! Whenever a column of any table is renamed or dropped, SQLite writes such strings with single quotes,
//! in the whole schema. That is no difference.

use migrate_core::Dialect;
use migrate_core::lex::{Lexer, Token, TokenKind, unquote};

use crate::expression::Expression;

/// Whether two texts of SQLite say the same, but for how they quote names and strings, for comments
/// and for white space.
fn same_text(one: &str, other: &str) -> bool {
    let mut others = tokens(other);
    let all_same = tokens(one).all(|token| {
        others
            .next()
            .is_some_and(|it| same_token((&token, one), (&it, other)))
    });
    all_same && others.next().is_none()
}

/// Whether two statements, where both are known, are the same one.
pub(super) fn same_statement(dialect: Dialect, one: Option<&str>, other: Option<&str>) -> bool {
    dialect == Dialect::Sqlite
        && matches!((one, other), (Some(one), Some(other)) if same_text(one, other))
}

/// Whether two conditions are the same one.
pub(super) fn same_expression(
    dialect: Dialect,
    one: Option<&Expression>,
    other: Option<&Expression>,
) -> bool {
    one == other
        || match (one, other) {
            (Some(one), Some(other)) => {
                dialect == Dialect::Sqlite && same_text(&one.text, &other.text)
            }
            _ => false,
        }
}

fn tokens(text: &str) -> impl Iterator<Item = Token> {
    Lexer::new(text, Dialect::Sqlite).filter(|token| !token.kind.is_trivia())
}

fn same_token((one, in_one): (&Token, &str), (other, in_other): (&Token, &str)) -> bool {
    use TokenKind::{QuotedIdentifier, String, Word};
    let (text, other_text) = (one.text(in_one), other.text(in_other));
    let may_be_string = |text: &str| text.starts_with('"');
    let comparable = match (one.kind, other.kind) {
        (Word | QuotedIdentifier, Word | QuotedIdentifier) => true,
        (QuotedIdentifier, String) => may_be_string(text),
        (String, QuotedIdentifier) => may_be_string(other_text),
        _ => false,
    };
    text == other_text || (comparable && plain(one, text) == plain(other, other_text))
}

fn plain(token: &Token, text: &str) -> String {
    match token.kind {
        TokenKind::Word => text.to_owned(),
        _ => unquote(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_string_in_double_quotes_is_the_same_in_single_ones() {
        for (one, other) in [
            ("a = \"x y\"", "a = 'x y'"),
            ("a IN (\"x\", 'it''s')", "a IN ('x', \"it's\")"),
            ("\"a\" = 'x'", "a='x' -- as before"),
        ] {
            assert!(same_text(one, other), "{one} {other}");
            assert!(same_text(other, one), "{other} {one}");
        }
    }

    #[test]
    fn names_and_strings_are_not_the_same() {
        for (one, other) in [
            ("a = x", "a = 'x'"),
            ("a = [x]", "a = 'x'"),
            ("a = \"x\"", "a = 'y'"),
            ("a = 'x'", "a = 'X'"),
            ("a = 'x'", "a = 'x' OR b"),
            ("a = 'x' OR b", "a = 'x'"),
        ] {
            assert!(!same_text(one, other), "{one} {other}");
        }
    }
}
