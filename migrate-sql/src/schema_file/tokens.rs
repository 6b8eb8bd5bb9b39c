//! The tokens of a Rust file, to walk over.

use std::ops::Range;

use migrate_core::rust_code::{BadRust, token_spans};

/// A text that cannot be understood: why, and where.
pub(super) type Fault = BadRust;

/// A position in the tokens of a file.
#[derive(Clone, Debug)]
pub(super) struct Tokens<'a> {
    text: &'a str,
    spans: Vec<Range<usize>>,
    /// Of every opening bracket the place of the one that closes it.
    closing: Vec<usize>,
    at: usize,
}

impl<'a> Tokens<'a> {
    /// The tokens of a text, in which all brackets match.
    pub(super) fn new(text: &'a str) -> Result<Self, Fault> {
        let spans = token_spans(text)?;
        let mut closing = vec![0; spans.len()];
        let mut open = Vec::new();
        for (at, span) in spans.iter().enumerate() {
            match text.get(span.clone()) {
                Some("(" | "[" | "{") => open.push(at),
                Some(")" | "]" | "}") => {
                    if let Some(opened) = open.pop() {
                        closing[opened] = at;
                    }
                }
                _ => {}
            }
        }
        Ok(Tokens {
            text,
            spans,
            closing,
            at: 0,
        })
    }

    /// Where we stand.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// Goes to a place.
    pub(super) fn go(&mut self, at: usize) {
        self.at = at;
    }

    /// How many tokens there are.
    pub(super) fn len(&self) -> usize {
        self.spans.len()
    }

    /// The token at a place; empty after the last.
    pub(super) fn token(&self, at: usize) -> &'a str {
        self.text.get(self.span(at)).unwrap_or_default()
    }

    /// Where a token stands; the end of the text after the last.
    pub(super) fn span(&self, at: usize) -> Range<usize> {
        let end = self.text.len();
        self.spans.get(at).cloned().unwrap_or(end..end)
    }

    /// From the first byte of a token to the last of another.
    pub(super) fn between(&self, first: usize, last: usize) -> Range<usize> {
        self.span(first).start..self.span(last).end
    }

    /// What stands between a token and the one before it: white space and comments.
    pub(super) fn gap(&self, at: usize) -> Range<usize> {
        let start = match at.checked_sub(1) {
            Some(before) => self.span(before).end,
            None => 0,
        };
        start..self.span(at).start
    }

    /// The token here.
    pub(super) fn here(&self) -> &'a str {
        self.token(self.at)
    }

    /// Goes over the token here if it is that one.
    pub(super) fn eat(&mut self, token: &str) -> bool {
        let found = self.here() == token;
        self.at += usize::from(found);
        found
    }

    /// Whether a bracket opens here.
    pub(super) fn opens(&self) -> bool {
        matches!(self.here(), "(" | "[" | "{")
    }

    /// The place of the bracket that closes the one that opens here.
    pub(super) fn close(&self) -> usize {
        self.closing.get(self.at).copied().unwrap_or(self.at)
    }

    /// Goes over the token here, with all that is in its brackets where it opens some.
    pub(super) fn skip(&mut self) {
        self.at = if self.opens() { self.close() } else { self.at } + 1;
    }

    /// What is wrong here.
    pub(super) fn fault(&self, message: impl Into<String>) -> Fault {
        Fault {
            message: message.into(),
            span: self.span(self.at),
        }
    }
}

/// The name that an identifier stands for; `None` where the token is none.
pub(super) fn identifier(token: &str) -> Option<&str> {
    let name = token.strip_prefix("r#").unwrap_or(token);
    let is_name = name.starts_with(|c: char| c.is_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_alphanumeric() || c == '_');
    is_name.then_some(name)
}

/// The value of a string literal, plain or raw; `None` where the token is none.
pub(super) fn string(token: &str) -> Option<String> {
    if let Some(raw) = token.strip_prefix('r') {
        let bare = raw.trim_matches('#');
        return Some(bare.strip_prefix('"')?.strip_suffix('"')?.to_owned());
    }
    let quoted = token.strip_prefix('"')?.strip_suffix('"')?;
    let mut value = String::with_capacity(quoted.len());
    let mut chars = quoted.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            value.push(c);
            continue;
        }
        match chars.next()? {
            'n' => value.push('\n'),
            'r' => value.push('\r'),
            't' => value.push('\t'),
            '0' => value.push('\0'),
            'x' => {
                let digits: String = chars.by_ref().take(2).collect();
                value.push(char::from(u8::from_str_radix(&digits, 16).ok()?));
            }
            'u' => {
                let digits: String = chars.by_ref().take_while(|c| *c != '}').collect();
                let code = u32::from_str_radix(digits.trim_start_matches('{'), 16).ok()?;
                value.push(char::from_u32(code)?);
            }
            // A line end is taken out with what begins the next line.
            '\n' => {
                let rest = chars.as_str().trim_start();
                chars = rest.chars();
            }
            other => value.push(other),
        }
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings() {
        for (token, value) in [
            ("\"a\"", Some("a")),
            (r#""a\"\\\n\x41\u{e9}""#, Some("a\"\\\nAé")),
            ("r#\"a\"b\"#", Some("a\"b")),
            ("\"a\\\n   b\"", Some("ab")),
            ("a", None),
            ("\"\\u{110000}\"", None),
        ] {
            assert_eq!(string(token).as_deref(), value, "{token}");
        }
    }

    #[test]
    fn identifiers() {
        for (token, name) in [
            ("users", Some("users")),
            ("r#type", Some("type")),
            ("größe", Some("größe")),
            ("1", None),
            ("->", None),
            ("", None),
        ] {
            assert_eq!(identifier(token), name, "{token}");
        }
    }

    #[test]
    fn brackets_and_gaps() {
        let text = "a (b [c]) // d\ne";
        let mut tokens = Tokens::new(text).unwrap();
        tokens.skip();
        assert!(tokens.opens());
        tokens.skip();
        assert_eq!(tokens.here(), "e");
        assert_eq!(&text[tokens.gap(tokens.at())], " // d\n");
        tokens.skip();
        assert_eq!((tokens.here(), tokens.at() == tokens.len()), ("", true));
    }
}
