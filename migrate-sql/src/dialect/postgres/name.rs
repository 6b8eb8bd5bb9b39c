//! Identifiers as PostgreSQL keeps them.

use squawk_syntax::{SyntaxKind, SyntaxNode};

use super::reader::own_tokens;

/// The longest name in bytes; longer ones are cut (`NAMEDATALEN` less one).
const LONGEST: usize = 63;

/// The name that a node consists of, as the database keeps it: unquoted, folded and cut.
pub(super) fn of(node: &SyntaxNode) -> Option<String> {
    let mut tokens = own_tokens(node);
    let first = tokens.next()?;
    // `U&"d!0061t" UESCAPE '!'`.
    let escape = tokens
        .skip_while(|token| token.kind() != SyntaxKind::UESCAPE_KW)
        .nth(1)
        .and_then(|token| token.text().chars().nth(1));
    Some(decode(first.text(), escape.unwrap_or('\\')))
}

/// An identifier as it is written, with the escape character of `U&"…"`, to the name.
pub(super) fn decode(written: &str, escape: char) -> String {
    let quoted = |text: &str| {
        let inner = text.strip_prefix('"')?;
        let inner = inner.strip_suffix('"').unwrap_or(inner);
        Some(inner.replace("\"\"", "\""))
    };
    let name = if let Some(name) = quoted(written) {
        name
    } else if let Some(name) = written
        .strip_prefix("U&")
        .or_else(|| written.strip_prefix("u&"))
        .and_then(quoted)
    {
        unescape(&name, escape)
    } else {
        // With a multibyte encoding the server folds ASCII letters only.
        written.to_ascii_lowercase()
    };
    cut(name)
}

/// What `"name"` and `name` mean in a text such as the argument of `nextval`.
pub(super) fn decode_dotted(written: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut quoted = false;
    for c in written.chars() {
        if c == '"' {
            quoted = !quoted;
        }
        match parts.last_mut() {
            Some(last) if c != '.' || quoted => last.push(c),
            _ => parts.push(String::new()),
        }
    }
    parts.iter().map(|part| decode(part, '\\')).collect()
}

/// `\0061` and `\+000061`; a doubled escape character is itself. What is no valid escape stays.
fn unescape(text: &str, escape: char) -> String {
    let mut plain = String::new();
    let mut units: Vec<u16> = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let after = &rest[c.len_utf8()..];
        let (digits, len) = match after.strip_prefix('+') {
            Some(digits) => (digits.get(..6), 7),
            None => (after.get(..4), 4),
        };
        let code = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        match code {
            Some(code) if c == escape => {
                // Two escapes may be one character beyond the first plane.
                if let Ok(unit) = u16::try_from(code) {
                    units.push(unit);
                } else {
                    flush(&mut units, &mut plain);
                    plain.extend(char::from_u32(code));
                }
                rest = &after[len..];
            }
            _ => {
                flush(&mut units, &mut plain);
                plain.push(c);
                rest = match c == escape {
                    true => after.strip_prefix(escape).unwrap_or(after),
                    false => after,
                };
            }
        }
    }
    flush(&mut units, &mut plain);
    plain
}

fn flush(units: &mut Vec<u16>, plain: &mut String) {
    plain.push_str(&String::from_utf16_lossy(units));
    units.clear();
}

/// Cut to the longest name, never inside a character.
fn cut(mut name: String) -> String {
    if name.len() > LONGEST {
        name.truncate(name.floor_char_boundary(LONGEST));
    }
    name
}

#[cfg(test)]
mod tests {
    use super::{decode, decode_dotted};

    #[test]
    fn names() {
        for (written, name) in [
            ("Users", "users"),
            ("\"Users\"", "Users"),
            ("\"a\"\"b\"", "a\"b"),
            ("ÄPFEL", "Äpfel"),
            ("U&\"d\\0061t\\+000061\"", "data"),
            ("u&\"\\\\x\"", "\\x"),
            ("U&\"\\D83D\\DE00\"", "😀"),
            ("U&\"\\+01F600\"", "😀"),
            ("U&\"\\zz\"", "\\zz"),
        ] {
            assert_eq!(decode(written, '\\'), name, "{written}");
        }
        assert_eq!(decode("U&\"d!0061t\"", '!'), "dat");
    }

    #[test]
    fn long_names_are_cut_between_characters() {
        assert_eq!(decode(&"x".repeat(70), '\\').len(), 63);
        assert_eq!(decode(&format!("{}ä", "x".repeat(62)), '\\').len(), 62);
    }

    #[test]
    fn dotted() {
        assert_eq!(decode_dotted("Public.\"My.Seq\""), ["public", "My.Seq"]);
        assert_eq!(decode_dotted("s"), ["s"]);
    }
}
