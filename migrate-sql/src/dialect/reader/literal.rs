//! The values of literals.

use migrate_core::Dialect;

/// The value of a string token, its prefix and quotes taken off and its escapes resolved.
pub(in crate::dialect) fn string_value(token: &str, dialect: Dialect) -> String {
    let Some(open) = token.find(['\'', '"']) else {
        return token.to_owned();
    };
    let quote = if token[open..].starts_with('"') {
        '"'
    } else {
        '\''
    };
    let inner = token[open..]
        .strip_prefix(quote)
        .and_then(|rest| rest.strip_suffix(quote))
        .unwrap_or_default();
    let mut value = String::with_capacity(inner.len());
    let mut characters = inner.chars();
    while let Some(character) = characters.next() {
        if character == quote {
            // A quote inside is doubled.
            characters.next();
            value.push(quote);
        } else if character == '\\' && dialect == Dialect::Mysql {
            match characters.next() {
                Some('0') => value.push('\0'),
                Some('b') => value.push('\u{8}'),
                Some('n') => value.push('\n'),
                Some('r') => value.push('\r'),
                Some('t') => value.push('\t'),
                Some('Z') => value.push('\u{1a}'),
                // For LIKE these keep their backslash.
                Some(mark @ ('%' | '_')) => value.extend(['\\', mark]),
                Some(other) => value.push(other),
                None => {}
            }
        } else {
            value.push(character);
        }
    }
    value
}

/// The letters before the opening quote of a string token: `n`, `x`, `b`, `_utf8mb4`, or nothing;
/// in lower case.
pub(super) fn string_prefix(token: &str) -> String {
    let open = token.find(['\'', '"']).unwrap_or(0);
    token[..open].to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values() {
        for (token, value) in [
            ("'it''s'", "it's"),
            (r#""a""b'""#, "a\"b'"),
            (r"'a\'b\\c\n'", "a'b\\c\n"),
            ("_utf8mb4'é'", "é"),
            ("''", ""),
        ] {
            assert_eq!(string_value(token, Dialect::Mysql), value, "{token}");
        }
        assert_eq!(string_value(r"'a\n'", Dialect::Sqlite), r"a\n");
        assert_eq!(string_prefix("X'41'"), "x");
    }
}
