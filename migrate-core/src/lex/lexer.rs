//! The tokenizer.

use super::rules::{Rules, rules};
use super::token::{Token, TokenKind, Unterminated};
use crate::Dialect;

/// Reads a text token by token; the tokens' spans cover every byte, in order.
///
/// The text is expected as [`normalise`](crate::normalise) leaves it, but any text is accepted.
/// Reading is linear in the length of the text.
#[derive(Clone, Debug)]
pub struct Lexer<'a> {
    text: &'a str,
    bytes: &'a [u8],
    position: usize,
    rules: &'static Rules,
    delimiter: &'a str,
    /// Its first byte, which tells at once that nearly every byte does not start it.
    delimiter_start: u8,
    /// How many version comments are open.
    version_depth: usize,
    /// The last token was an identifier, so that a dot and digits after it are a name.
    after_name: bool,
}

impl<'a> Lexer<'a> {
    /// A lexer at the start of `text`, with `;` as the terminator.
    pub fn new(text: &'a str, dialect: Dialect) -> Self {
        Lexer {
            text,
            bytes: text.as_bytes(),
            position: 0,
            rules: rules(dialect),
            delimiter: ";",
            delimiter_start: b';',
            version_depth: 0,
            after_name: false,
        }
    }

    /// The offset of the next token.
    pub fn position(&self) -> usize {
        self.position
    }

    /// Goes on at `position`, or at the next character boundary.
    pub(crate) fn jump(&mut self, position: usize) {
        self.position = self.boundary(position);
        self.after_name = false;
    }

    /// From now on `delimiter` ends a statement; empty means `;`.
    pub(crate) fn set_delimiter(&mut self, delimiter: &'a str) {
        self.delimiter = if delimiter.is_empty() { ";" } else { delimiter };
        self.delimiter_start = self.delimiter.bytes().next().unwrap_or(b';');
    }

    /// Whether the next token stands in a version comment.
    pub(crate) fn in_version_comment(&self) -> bool {
        self.version_depth > 0
    }

    fn boundary(&self, mut at: usize) -> usize {
        // Bytes that continue a character are 0b10xx_xxxx.
        while at < self.bytes.len() && self.bytes[at] & 0xc0 == 0x80 {
            at += 1;
        }
        at.min(self.bytes.len())
    }

    fn byte(&self, at: usize) -> Option<u8> {
        // Plain steps here too: this is asked several times for every token.
        if at < self.bytes.len() {
            Some(self.bytes[at])
        } else {
            None
        }
    }

    fn starts_with(&self, at: usize, prefix: &str) -> bool {
        self.bytes
            .get(at..)
            .is_some_and(|rest| rest.starts_with(prefix.as_bytes()))
    }

    /// The end of the run of bytes from `at` that `accept` takes.
    fn run(&self, at: usize, accept: impl Fn(u8) -> bool) -> usize {
        // Plain steps: a build without optimisation runs this for every byte of every script.
        let mut end = at.min(self.bytes.len());
        while end < self.bytes.len() && accept(self.bytes[end]) {
            end += 1;
        }
        end
    }

    /// The offset of `needle` at or after `at`.
    fn find(&self, at: usize, needle: &str) -> Option<usize> {
        Some(at + self.text.get(at..)?.find(needle)?)
    }

    /// Whether the delimiter stands at `at`, where the byte is `first`. A delimiter of letters counts
    /// as a whole word only.
    fn at_delimiter(&self, at: usize, first: u8) -> bool {
        if first != self.delimiter_start || !self.starts_with(at, self.delimiter) {
            return false;
        }
        let wordy = |b: Option<u8>| b.is_some_and(|b| b == b'_' || b.is_ascii_alphanumeric());
        let end = at + self.delimiter.len();
        let glued_before = wordy(self.byte(at)) && at > 0 && wordy(self.byte(at - 1));
        let glued_after = wordy(self.byte(end - 1)) && wordy(self.byte(end));
        !glued_before && !glued_after
    }

    /// The end of the run of word characters from `at`; a delimiter ends it too.
    fn word_end(&self, at: usize) -> usize {
        let mut end = at;
        while end < self.bytes.len() {
            let b = self.bytes[end];
            let wordy = is_word_start(b) || matches!(b, b'0'..=b'9' | b'$');
            // Asked here already whether it may be one: this runs for nearly every byte.
            let may_delimit = b == self.delimiter_start && end > at;
            if !wordy || (may_delimit && self.at_delimiter(end, b)) {
                break;
            }
            end += 1;
        }
        end
    }

    fn read(&mut self) -> Option<(TokenKind, usize)> {
        let at = self.position;
        let first = self.byte(at)?;
        let next = self.byte(at + 1);
        if first.is_ascii_whitespace() || first == 0x0b {
            let end = self.run(at, |b| b.is_ascii_whitespace() || b == 0x0b);
            return Some((TokenKind::Whitespace, end));
        }
        if self.at_delimiter(at, first) {
            return Some((TokenKind::Terminator, at + self.delimiter.len()));
        }
        let token = match first {
            b'-' if self.at_dashes(at) => self.line_comment(at),
            b'#' if self.rules.hash_comments => self.line_comment(at),
            b'/' if next == Some(b'*') => self.block_comment(at),
            b'*' if next == Some(b'/') && self.version_depth > 0 => {
                self.version_depth -= 1;
                (TokenKind::VersionClose, at + 2)
            }
            b'\'' => self.string(at, self.rules.backslash_escapes),
            b'"' if self.rules.double_quoted_strings => self.string(at, true),
            b'"' => self.identifier(at, b'"'),
            b'`' if self.rules.backtick_identifiers => self.identifier(at, b'`'),
            b'[' if self.rules.bracket_identifiers => self.identifier(at, b']'),
            b'$' if self.rules.postgres_strings => self.dollar(at),
            b'\\' if self.rules.client_commands => self.client_command(at),
            b'0'..=b'9' => self.number(at),
            b'.' if !self.after_name && next.is_some_and(|b| b.is_ascii_digit()) => self.number(at),
            // All of them stand before the letters, which nearly every token begins with.
            ..b'A' if self.rules.parameters.contains(&first) => self.parameter(at),
            _ if is_word_start(first) || (self.rules.digit_words && first == b'$') => self.word(at),
            _ => (TokenKind::Operator, self.operator_end(at)),
        };
        Some(token)
    }

    fn at_dashes(&self, at: usize) -> bool {
        self.starts_with(at, "--")
            && (!self.rules.dashes_need_space
                || self
                    .byte(at + 2)
                    .is_none_or(|b| b.is_ascii_whitespace() || b.is_ascii_control()))
    }

    fn line_comment(&self, at: usize) -> (TokenKind, usize) {
        let end = self.run(at, |b| {
            b != b'\n' && !(b == b'\r' && self.rules.return_ends_comment)
        });
        (TokenKind::LineComment, end)
    }

    fn block_comment(&mut self, at: usize) -> (TokenKind, usize) {
        if let Some(end) = self.version_open(at) {
            self.version_depth += 1;
            return (TokenKind::VersionOpen, end);
        }
        let mut depth = 1;
        let mut i = at + 2;
        while let Some(b) = self.byte(i) {
            if b == b'*' && self.byte(i + 1) == Some(b'/') {
                depth -= 1;
                i += 2;
                if depth == 0 {
                    return (TokenKind::BlockComment, i);
                }
            } else if self.rules.nested_comments && b == b'/' && self.byte(i + 1) == Some(b'*') {
                depth += 1;
                i += 2;
            } else {
                i += 1;
            }
        }
        self.unterminated(Unterminated::Comment)
    }

    /// The end of `/*!`, `/*!40101`, `/*M!100100`. Version 999999 is beyond every server and is
    /// how dumps hide a line from all of them (`/*M!999999\- enable the sandbox mode */`), so that
    /// is a plain comment.
    fn version_open(&self, at: usize) -> Option<usize> {
        if !self.rules.version_comments {
            return None;
        }
        let bang = match self.byte(at + 2)? {
            b'M' if self.byte(at + 3) == Some(b'!') => at + 3,
            b'!' => at + 2,
            _ => return None,
        };
        let digits = self.run(bang + 1, |b| b.is_ascii_digit()).min(bang + 7);
        (self.text.get(bang + 1..digits) != Some("999999")).then_some(digits)
    }

    /// A string whose opening quote stands at `quote`.
    fn string(&self, quote: usize, escapes: bool) -> (TokenKind, usize) {
        let mark = self.byte(quote).unwrap_or(b'\'');
        match self.quoted_end(quote, mark, escapes) {
            Some(end) => (TokenKind::String, end),
            None => self.unterminated(Unterminated::String),
        }
    }

    fn identifier(&self, quote: usize, close: u8) -> (TokenKind, usize) {
        // SQLite's brackets know no doubling.
        let end = if close == b']' {
            self.find(quote, "]").map(|i| i + 1)
        } else {
            self.quoted_end(quote, close, false)
        };
        match end {
            Some(end) => (TokenKind::QuotedIdentifier, end),
            None => self.unterminated(Unterminated::Identifier),
        }
    }

    /// The offset after the closing mark of what opens at `open`; a doubled mark does not close.
    fn quoted_end(&self, open: usize, mark: u8, escapes: bool) -> Option<usize> {
        let mut i = open + 1;
        loop {
            match self.byte(i)? {
                b'\\' if escapes => i += 2,
                b if b == mark && self.byte(i + 1) == Some(mark) => i += 2,
                b if b == mark => return Some(i + 1),
                _ => i += 1,
            }
        }
    }

    /// `E'…'`: the parts of a string that goes on after a line end stay in the same escape mode.
    fn escape_string(&self, quote: usize) -> (TokenKind, usize) {
        let mut open = quote;
        loop {
            let Some(end) = self.quoted_end(open, b'\'', true) else {
                return self.unterminated(Unterminated::String);
            };
            match self.continuation(end) {
                Some(next) => open = next,
                None => return (TokenKind::String, end),
            }
        }
    }

    /// The quote that continues a PostgreSQL string after white space with a line end in it.
    fn continuation(&self, mut at: usize) -> Option<usize> {
        let mut lines = false;
        loop {
            match self.byte(at)? {
                b'\n' | b'\r' => {
                    lines = true;
                    at += 1;
                }
                b' ' | b'\t' | 0x0b | 0x0c => at += 1,
                b'-' if lines && self.at_dashes(at) => at = self.line_comment(at).1,
                b'\'' if lines => return Some(at),
                _ => return None,
            }
        }
    }

    /// `$tag$ … $tag$`, `$1`, or an operator.
    fn dollar(&self, at: usize) -> (TokenKind, usize) {
        let digits = self.run(at + 1, |b| b.is_ascii_digit());
        if digits > at + 1 {
            return (TokenKind::Parameter, digits);
        }
        let tag = self.run(at + 1, |b| is_word_start(b) || b.is_ascii_digit());
        if self.byte(tag) != Some(b'$') {
            return (TokenKind::Operator, at + 1);
        }
        let mark = self.text.get(at..=tag).unwrap_or_default();
        match self.find(tag + 1, mark) {
            Some(close) => (TokenKind::String, close + mark.len()),
            None => self.unterminated(Unterminated::DollarQuote),
        }
    }

    /// `\N` is NULL in MySQL. `\g` and its kind end a statement and take no line with them.
    fn client_command(&self, at: usize) -> (TokenKind, usize) {
        if self.rules.version_comments {
            return match self.byte(at + 1) {
                Some(b'N') => (TokenKind::Word, at + 2),
                Some(b'g' | b'G') => (TokenKind::ClientCommand, at + 2),
                _ => (TokenKind::ClientCommand, self.run(at, |b| b != b'\n')),
            };
        }
        (TokenKind::ClientCommand, self.run(at, |b| b != b'\n'))
    }

    fn number(&self, at: usize) -> (TokenKind, usize) {
        if self.rules.digit_words {
            let end = self.word_end(at);
            let radix = self.starts_with(at, "0x") || self.starts_with(at, "0b");
            let digits = self.run(at, |b| b.is_ascii_digit());
            let exponent = matches!(self.byte(digits), Some(b'e' | b'E'))
                && self.run(digits + 1, |b| b.is_ascii_digit()) == end;
            if end > digits && !radix && !exponent {
                return (TokenKind::Word, end);
            }
        }
        let mut end = self.run(at, |b| b.is_ascii_digit() || b == b'.');
        let letters = self.run(end, |b| b.is_ascii_alphanumeric() || b == b'_');
        let exponent = letters == end + 1 && matches!(self.byte(end), Some(b'e' | b'E'));
        end = letters;
        if exponent && matches!(self.byte(end), Some(b'+' | b'-')) {
            let digits = self.run(end + 1, |b| b.is_ascii_digit());
            if digits > end + 1 {
                end = digits;
            }
        }
        (TokenKind::Number, end.max(at + 1))
    }

    /// `?`, `?1`, `:name`, `@name`, `@@global.name`; alone, the mark is an operator.
    fn parameter(&self, at: usize) -> (TokenKind, usize) {
        let marks = if self.starts_with(at, "@@") { 2 } else { 1 };
        let mut end = self.word_end(at + marks);
        while self.byte(at) == Some(b'@') && self.byte(end) == Some(b'.') && end > at + marks {
            let more = self.word_end(end + 1);
            if more == end + 1 {
                break;
            }
            end = more;
        }
        let quoted = matches!(self.byte(end), Some(b'\'' | b'"' | b'`'));
        let alone = end == at + marks && self.byte(at) != Some(b'?');
        let kind = if alone && !(self.byte(at) == Some(b'@') && quoted) {
            TokenKind::Operator
        } else {
            TokenKind::Parameter
        };
        (kind, end)
    }

    fn word(&self, at: usize) -> (TokenKind, usize) {
        let end = self.word_end(at);
        let quote = self.byte(end);
        let word = self.bytes.get(at..end).unwrap_or_default();
        if let [letter] = word {
            let letter = letter.to_ascii_lowercase();
            if quote == Some(b'\'') {
                if self.rules.postgres_strings && letter == b'e' {
                    return self.escape_string(end);
                }
                if self.rules.string_prefixes.contains(&letter) {
                    return self.string(end, self.rules.backslash_escapes);
                }
            }
            if self.rules.postgres_strings && letter == b'u' && quote == Some(b'&') {
                match self.byte(end + 1) {
                    Some(b'\'') => return self.string(end + 1, false),
                    Some(b'"') => return self.identifier(end + 1, b'"'),
                    _ => {}
                }
            }
        }
        let introducer = self.rules.digit_words && word.first() == Some(&b'_');
        if introducer && matches!(quote, Some(b'\'' | b'"')) {
            return self.string(end, true);
        }
        (TokenKind::Word, end)
    }

    /// PostgreSQL: the longest run of operator characters in which no comment starts, without
    /// trailing signs unless it holds one of the characters that allow them (the manual's
    /// chapter 4.1.3). Elsewhere one character.
    fn operator_end(&self, at: usize) -> usize {
        let one = self.boundary(at + 1);
        if !self.rules.operator_runs {
            return one;
        }
        // No operator is longer than 63 bytes; the bound keeps a megabyte of signs linear.
        let operator = |i: &usize| {
            self.byte(*i)
                .is_some_and(|b| b"+-*/<>=~!@#%^&|`?".contains(&b))
        };
        let limit = (at..at + 63).take_while(operator).count() + at;
        let comment = (at..limit).find(|&i| self.starts_with(i, "--") || self.starts_with(i, "/*"));
        let mut end = comment.unwrap_or(limit);
        let run = self.bytes.get(at..end).unwrap_or_default();
        if !run.iter().any(|b| b"~!@#%^&|`?".contains(b)) {
            while end > at + 1 && matches!(self.byte(end - 1), Some(b'+' | b'-')) {
                end -= 1;
            }
        }
        end.max(one)
    }

    fn unterminated(&self, what: Unterminated) -> (TokenKind, usize) {
        (TokenKind::Unterminated(what), self.bytes.len())
    }
}

impl Iterator for Lexer<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        let start = self.position;
        let (kind, end) = self.read()?;
        // A backslash escape may step past the end, and into a character.
        let end = self.boundary(end);
        self.position = end;
        self.after_name = matches!(kind, TokenKind::Word | TokenKind::QuotedIdentifier);
        Some(Token { kind, start, end })
    }
}

/// Letters, the underscore, and every byte of a character beyond ASCII: so all three dialects.
fn is_word_start(b: u8) -> bool {
    matches!(b, b'a'..=b'z' | b'A'..=b'Z' | b'_' | 0x80..)
}
