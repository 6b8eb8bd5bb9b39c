//! Cutting and pasting in the text of a statement.

use migrate_core::Dialect;
use migrate_core::lex::{Lexer, TokenKind};

/// The byte after the first of these words, whatever its case.
pub(crate) fn after_word(text: &str, word: &str) -> Option<usize> {
    Lexer::new(text, Dialect::Postgres)
        .find(|token| token.kind == TokenKind::Word && token.text(text).eq_ignore_ascii_case(word))
        .map(|token| token.end)
}

/// The text with another one put in.
pub(crate) fn insert(text: &str, at: usize, what: &str) -> Option<String> {
    let (before, after) = text.split_at_checked(at)?;
    Some(format!("{before}{what}{after}"))
}

/// A name that is not among those that are taken.
pub(crate) fn unused_name(wanted: &str, taken: &[&str]) -> String {
    let mut name = wanted.to_owned();
    let mut number = 1;
    while taken.contains(&name.as_str()) {
        number += 1;
        name = format!("{wanted}_{number}");
    }
    name
}
