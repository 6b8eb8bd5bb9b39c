//! What validated CHECK constraints prove.

use migrate_core::Dialect;

use crate::dialect;
use crate::schema::Table;

/// The validated CHECK that proves that a column has no NULL, by its name.
pub(super) fn not_null<'t>(table: &'t Table, column: &str) -> Option<&'t str> {
    table
        .constraints
        .iter()
        .filter(|constraint| constraint.validated)
        .find(|constraint| {
            constraint
                .check
                .as_ref()
                .is_some_and(|check| says_not_null(&check.text, column))
        })
        .map(|constraint| constraint.name.as_str())
}

/// Whether `column IS NOT NULL` is the whole of an expression or one of the parts that AND joins.
pub(super) fn says_not_null(text: &str, column: &str) -> bool {
    let canonical = |text: &str| dialect::expression(text, Dialect::Postgres).canonical;
    let column = Dialect::Postgres.quote_identifier(column);
    let wanted = canonical(&format!("{column} IS NOT NULL"));
    let mut waiting = vec![text];
    while let Some(text) = waiting.pop() {
        match parts(text) {
            Some(parts) => waiting.extend(parts),
            None if canonical(text) == wanted => return true,
            None => {}
        }
    }
    false
}

/// The parts that AND joins, or what stands in the parentheses around all; `None` where it is
/// neither.
fn parts(text: &str) -> Option<Vec<&str>> {
    let text = text.trim();
    let bytes = text.as_bytes();
    let (mut depth, mut quote) = (0_usize, None);
    let mut cuts = Vec::new();
    let mut wrapped = text.starts_with('(') && text.ends_with(')');
    for (at, &byte) in bytes.iter().enumerate() {
        match (quote, byte) {
            (Some(open), _) => {
                if byte == open {
                    quote = None;
                }
                continue;
            }
            (None, b'\'' | b'"') => quote = Some(byte),
            (None, b'(' | b'[') => depth += 1,
            (None, b')' | b']') => depth = depth.saturating_sub(1),
            _ => {}
        }
        wrapped &= depth > 0 || at + 1 == bytes.len();
        if depth > 0 || quote.is_some() {
            continue;
        }
        let is_word = |word: &str| {
            let end = at + word.len();
            let outside = |byte: Option<&u8>| {
                byte.is_none_or(|it| !(it.is_ascii_alphanumeric() || *it == b'_' || *it >= 0x80))
            };
            bytes
                .get(at..end)
                .is_some_and(|it| it.eq_ignore_ascii_case(word.as_bytes()))
                && outside(at.checked_sub(1).and_then(|it| bytes.get(it)))
                && outside(bytes.get(end))
        };
        // AND binds stronger than OR, and has another meaning after BETWEEN.
        if is_word("or") || is_word("between") || is_word("case") {
            return None;
        }
        if is_word("and") {
            cuts.push(at);
        }
    }
    if wrapped {
        return Some(vec![text.get(1..text.len() - 1)?]);
    }
    if cuts.is_empty() {
        return None;
    }
    let mut parts = Vec::new();
    let mut start = 0;
    for cut in cuts {
        parts.push(text.get(start..cut)?);
        start = cut + "and".len();
    }
    parts.push(text.get(start..)?);
    Some(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_part_of_a_conjunction_proves() {
        for text in [
            "name IS NOT NULL",
            "(name IS NOT NULL)",
            "name is not null AND age > 0",
            "(age > 0) and ((\"name\" IS NOT NULL))",
        ] {
            assert!(says_not_null(text, "name"), "{text}");
        }
        for text in [
            "name IS NOT NULL OR age > 0",
            "mail IS NOT NULL",
            "length(name) > 0",
            "age > 0 AND 'a AND name IS NOT NULL AND b' <> mail",
            "(name IS NOT NULL) = (age > 0)",
            "name IS NULL",
        ] {
            assert!(!says_not_null(text, "name"), "{text}");
        }
    }
}
