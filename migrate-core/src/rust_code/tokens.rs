//! The tokens of Rust code, for its checksum.
//!
//! The lexer is this crate's own because a checksum must be the same everywhere: inside a macro
//! `proc_macro` would hand out the compiler's idea of tokens, which differs in spacing and in doc
//! comments from what other programs see.

use std::ops::Range;

/// The text is not Rust.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct BadRust {
    /// What is wrong.
    pub message: String,
    /// The bytes to point at.
    pub span: Range<usize>,
}

/// The code without comments (doc comments neither) and with one space between tokens.
///
/// Whether it compiles is the compiler's to say; only what has no end or no beginning is found here.
///
/// ```
/// use migrate_core::rust_code::tokens;
/// assert_eq!(tokens("fn  f( a:&&str ){}// none").unwrap(), tokens("fn f(a: &&str) {}").unwrap());
/// assert_ne!(tokens("a & &b").unwrap(), tokens("a && b").unwrap());
/// ```
///
/// # Errors
/// [`BadRust`] for unterminated literals and comments, and for brackets that do not match.
pub fn tokens(text: &str) -> Result<String, BadRust> {
    let tokens = token_spans(text)?;
    let tokens: Vec<&str> = tokens
        .into_iter()
        .map(|span| text.get(span).unwrap_or_default())
        .collect();
    Ok(tokens.join(" "))
}

/// Where the tokens of the code stand, in order. Brackets match.
///
/// ```
/// use migrate_core::rust_code::token_spans;
/// assert_eq!(token_spans("a -> b // c").unwrap(), [0..1, 2..4, 5..6]);
/// ```
///
/// # Errors
/// As [`tokens`].
pub fn token_spans(text: &str) -> Result<Vec<Range<usize>>, BadRust> {
    let mut lexer = Lexer::new(text);
    let mut spans = Vec::new();
    let mut open: Vec<(char, usize)> = Vec::new();
    while let Some((span, kind)) = lexer.next()? {
        let token = text.get(span.clone()).unwrap_or_default();
        match kind {
            Kind::Open => open.extend(token.chars().map(|c| (c, span.start))),
            Kind::Close => {
                if open.pop().is_none_or(|(c, _)| closing(c) != token) {
                    let message = format!("`{token}` closes nothing that is open");
                    return Err(BadRust { message, span });
                }
            }
            Kind::Other => {}
        }
        spans.push(span);
    }
    match open.pop() {
        Some((c, at)) => Err(BadRust {
            message: format!("`{c}` is never closed"),
            span: at..at + 1,
        }),
        None => Ok(spans),
    }
}

/// The operators of more than one character, the longest first, as in the Rust reference under
/// "Punctuation".
const OPERATORS: [&str; 24] = [
    "<<=", ">>=", "...", "..=", "::", "->", "=>", "==", "!=", "<=", ">=", "&&", "||", "+=", "-=",
    "*=", "/=", "%=", "^=", "&=", "|=", "<<", ">>", "..",
];

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Open,
    Close,
    /// A word, number, lifetime, literal or operator.
    Other,
}

fn closing(open: char) -> &'static str {
    match open {
        '(' => ")",
        '[' => "]",
        _ => "}",
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

pub(super) struct Lexer<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Lexer { text, at: 0 }
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn unterminated(&self, what: &str, start: usize) -> BadRust {
        let first = self.text.get(start..).and_then(|rest| rest.chars().next());
        let span = start..start + first.map_or(0, char::len_utf8);
        BadRust {
            message: format!("unterminated {what}"),
            span,
        }
    }

    /// The next token, `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<(Range<usize>, Kind)>, BadRust> {
        self.skip_trivia()?;
        let start = self.at;
        let Some(first) = self.rest().chars().next() else {
            return Ok(None);
        };
        let kind = match first {
            '(' | '[' | '{' => {
                self.at += 1;
                Kind::Open
            }
            ')' | ']' | '}' => {
                self.at += 1;
                Kind::Close
            }
            '"' => {
                self.quoted(start)?;
                Kind::Other
            }
            '\'' => {
                self.character_or_lifetime(start)?;
                Kind::Other
            }
            c if is_word(c) => {
                self.word(start)?;
                Kind::Other
            }
            c => {
                let rest = self.rest();
                let operator = OPERATORS
                    .iter()
                    .find(|operator| rest.starts_with(**operator));
                self.at += operator.map_or(c.len_utf8(), |operator| operator.len());
                Kind::Other
            }
        };
        Ok(Some((start..self.at, kind)))
    }

    fn skip_trivia(&mut self) -> Result<(), BadRust> {
        loop {
            let rest = self.rest();
            let trimmed = rest.trim_start();
            self.at += rest.len() - trimmed.len();
            if trimmed.starts_with("//") {
                self.at += self.rest().find('\n').unwrap_or(self.rest().len());
            } else if trimmed.starts_with("/*") {
                self.block_comment()?;
            } else {
                return Ok(());
            }
        }
    }

    fn block_comment(&mut self) -> Result<(), BadRust> {
        let start = self.at;
        let mut depth = 0usize;
        loop {
            let rest = self.rest();
            if rest.starts_with("/*") {
                depth += 1;
                self.at += 2;
            } else if rest.starts_with("*/") {
                depth -= 1;
                self.at += 2;
                if depth == 0 {
                    return Ok(());
                }
            } else {
                let Some(c) = rest.chars().next() else {
                    return Err(self.unterminated("comment", start));
                };
                self.at += c.len_utf8();
            }
        }
    }

    /// A string with escapes; the lexer stands at its opening quote.
    fn quoted(&mut self, start: usize) -> Result<(), BadRust> {
        let mut escaped = true;
        for (offset, c) in self.rest().char_indices() {
            if c == '"' && !escaped {
                self.at += offset + 1;
                return Ok(());
            }
            // The opening quote counts as escaped, what follows it does not.
            escaped = offset > 0 && c == '\\' && !escaped;
        }
        Err(self.unterminated("string", start))
    }

    fn character_or_lifetime(&mut self, start: usize) -> Result<(), BadRust> {
        let mut chars = self.rest().char_indices().skip(1);
        let (first, second) = (chars.next(), chars.next());
        match (first, second) {
            (Some((_, '\\')), Some((after, escape))) => {
                let from = after + escape.len_utf8();
                let close = self.rest().get(from..).and_then(|rest| rest.find('\''));
                let close = close.ok_or_else(|| self.unterminated("character", start))?;
                self.at += from + close + 1;
            }
            (Some(_), Some((close, '\''))) => self.at += close + 1,
            (Some((_, c)), _) if is_word(c) => {
                self.at += 1;
                self.skip_word();
            }
            _ => return Err(self.unterminated("character", start)),
        }
        Ok(())
    }

    fn skip_word(&mut self) {
        let rest = self.rest();
        self.at += rest.find(|c| !is_word(c)).unwrap_or(rest.len());
    }

    /// A word, or a literal that starts with one: `b'x'`, `c"x"`, `r#"x"#`, `r#type`.
    fn word(&mut self, start: usize) -> Result<(), BadRust> {
        self.skip_word();
        let word = self.text.get(start..self.at).unwrap_or_default();
        let rest = self.rest();
        match word {
            "b" | "c" if rest.starts_with('"') => self.quoted(start),
            "b" if rest.starts_with('\'') => self.character_or_lifetime(start),
            "r" | "br" | "cr" => {
                let hashes = rest.len() - rest.trim_start_matches('#').len();
                let after = rest.get(hashes..).unwrap_or_default();
                if after.starts_with('"') {
                    return self.raw(start, hashes);
                }
                if hashes == 1 && after.starts_with(is_word) {
                    self.at += 1;
                    self.skip_word();
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn raw(&mut self, start: usize, hashes: usize) -> Result<(), BadRust> {
        let close = format!("\"{}", "#".repeat(hashes));
        let from = hashes + 1;
        match self.rest().get(from..).and_then(|rest| rest.find(&close)) {
            Some(at) => {
                self.at += from + at + close.len();
                Ok(())
            }
            None => Err(self.unterminated("raw string", start)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proc_macro2::{Delimiter, TokenStream, TokenTree};
    use proptest::prelude::*;

    /// The tokens as `proc_macro2` sees them.
    fn reference(stream: TokenStream, out: &mut String) {
        for tree in stream {
            match tree {
                TokenTree::Group(group) => {
                    let (open, close) = match group.delimiter() {
                        Delimiter::Parenthesis => ('(', ')'),
                        Delimiter::Bracket => ('[', ']'),
                        _ => ('{', '}'),
                    };
                    out.push(open);
                    reference(group.stream(), out);
                    out.push(close);
                }
                other => out.push_str(&other.to_string()),
            }
        }
    }

    #[test]
    fn agrees_with_proc_macro2_on_this_crate() {
        let mut files = vec![std::path::PathBuf::from(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/src"
        ))];
        let mut compared = 0;
        while let Some(path) = files.pop() {
            if path.is_dir() {
                files.extend(
                    std::fs::read_dir(path)
                        .unwrap()
                        .map(|entry| entry.unwrap().path()),
                );
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            // Doc comments are attributes there.
            let code = text
                .lines()
                .filter(|line| !line.trim_start().starts_with("//"));
            let code: String = code.flat_map(|line| [line, "\n"]).collect();
            let mut expected = String::new();
            reference(code.parse().unwrap(), &mut expected);
            // Numbers and operators are cut differently; what they are made of is the same.
            let squeeze = |text: &str| text.replace([' ', '\n'], "");
            assert_eq!(
                squeeze(&tokens(&text).unwrap()),
                squeeze(&expected),
                "{path:?}"
            );
            compared += 1;
        }
        assert!(compared > 10);
    }

    #[test]
    fn literals_and_lifetimes() {
        for (text, expected) in [
            ("'a'", "'a'"),
            ("&'a str", "& 'a str"),
            (r"'\'' '\u{41}'", r"'\'' '\u{41}'"),
            ("'('", "'('"),
            (r#"b"\"(" c"x""#, r#"b"\"(" c"x""#),
            ("r##\"a\"# {\"## x", "r##\"a\"# {\"## x"),
            ("r#type r#\"x\"#", "r#type r#\"x\"#"),
            (
                "\"// no comment\" /* a /* b */ c */ x",
                "\"// no comment\" x",
            ),
            ("a<<b < <c", "a << b < < c"),
            ("x:&&y", "x : && y"),
            ("a..=b", "a ..= b"),
            ("é::ü", "é :: ü"),
            ("/// doc\nfn f() {}", "fn f ( ) { }"),
            ("", ""),
        ] {
            assert_eq!(tokens(text).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn what_has_no_end_or_beginning() {
        for (text, message, at) in [
            ("x \"abc", "unterminated string", 2),
            ("/* /* */", "unterminated comment", 0),
            ("r#\"x\"", "unterminated raw string", 0),
            ("'\\n", "unterminated character", 0),
            ("fn f() {", "`{` is never closed", 7),
            ("(]", "`]` closes nothing that is open", 1),
            ("}", "`}` closes nothing that is open", 0),
        ] {
            let error = tokens(text).unwrap_err();
            assert_eq!(
                (error.message.as_str(), error.span.start),
                (message, at),
                "{text}"
            );
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in r##"[a-z0-9'"#r/*\\(){}\[\]é \n&]{0,40}"##) {
            match tokens(&text) {
                Ok(canonical) => prop_assert_eq!(tokens(&canonical).unwrap(), canonical),
                Err(error) => prop_assert!(text.get(error.span).is_some()),
            }
        }
    }
}
