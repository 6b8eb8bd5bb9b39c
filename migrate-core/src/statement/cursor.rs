//! Walks over the tokens of one statement that are neither white space nor comments.

use super::ObjectName;
use crate::Dialect;
use crate::lex::{Lexer, Token, TokenKind, unquote};

/// A token with its text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece<'a> {
    pub(super) token: Token,
    pub(super) text: &'a str,
}

impl Piece<'_> {
    pub(super) fn is(&self, keyword: &str) -> bool {
        self.token.kind == TokenKind::Word && self.text.eq_ignore_ascii_case(keyword)
    }

    pub(super) fn is_one_of(&self, keywords: &[&str]) -> bool {
        keywords.iter().any(|keyword| self.is(keyword))
    }

    /// An operator or punctuation mark.
    pub(super) fn is_mark(&self, mark: &str) -> bool {
        matches!(self.token.kind, TokenKind::Operator | TokenKind::Terminator) && self.text == mark
    }
}

/// Reads lazily, so that the first words of a megabyte of INSERT cost nothing; a copy looks ahead.
#[derive(Clone, Debug)]
pub(super) struct Cursor<'a> {
    text: &'a str,
    dialect: Dialect,
    lexer: Lexer<'a>,
    peeked: Option<Piece<'a>>,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a str, dialect: Dialect) -> Self {
        Self::starting_at(0, text, dialect)
    }

    fn starting_at(start: usize, text: &'a str, dialect: Dialect) -> Self {
        let mut lexer = Lexer::new(text, dialect);
        lexer.jump(start);
        let mut cursor = Cursor {
            text,
            dialect,
            lexer,
            peeked: None,
        };
        cursor.advance();
        cursor
    }

    /// Version comments are left out, their content is not: it is what the server runs.
    fn advance(&mut self) {
        let text = self.text;
        self.peeked = self
            .lexer
            .by_ref()
            .find(|token| {
                !token.kind.is_trivia()
                    && !matches!(token.kind, TokenKind::VersionOpen | TokenKind::VersionClose)
            })
            .map(|token| Piece {
                token,
                text: token.text(text),
            });
    }

    pub(super) fn peek(&self) -> Option<Piece<'a>> {
        self.peeked
    }

    pub(super) fn is(&self, keyword: &str) -> bool {
        self.peeked.is_some_and(|piece| piece.is(keyword))
    }

    pub(super) fn is_one_of(&self, keywords: &[&str]) -> bool {
        self.peeked.is_some_and(|piece| piece.is_one_of(keywords))
    }

    pub(super) fn is_mark(&self, mark: &str) -> bool {
        self.peeked.is_some_and(|piece| piece.is_mark(mark))
    }

    /// The next word in upper case; empty if the next token is no bare word.
    pub(super) fn word(&mut self) -> String {
        match self.next() {
            Some(piece) if piece.token.kind == TokenKind::Word => piece.text.to_ascii_uppercase(),
            _ => String::new(),
        }
    }

    pub(super) fn eat(&mut self, keyword: &str) -> bool {
        let found = self.is(keyword);
        if found {
            self.advance();
        }
        found
    }

    pub(super) fn eat_one_of(&mut self, keywords: &[&str]) -> bool {
        keywords.iter().any(|keyword| self.eat(keyword))
    }

    pub(super) fn eat_mark(&mut self, mark: &str) -> bool {
        let found = self.is_mark(mark);
        if found {
            self.advance();
        }
        found
    }

    /// All of the keywords in a row, or nothing.
    pub(super) fn eat_all(&mut self, keywords: &[&str]) -> bool {
        let mut ahead = self.clone();
        let found = keywords.iter().all(|keyword| ahead.eat(keyword));
        if found {
            *self = ahead;
        }
        found
    }

    pub(super) fn eat_if_exists(&mut self) -> bool {
        self.eat_all(&["IF", "NOT", "EXISTS"]) || self.eat_all(&["IF", "EXISTS"])
    }

    /// A name, perhaps qualified; of more than two parts the last two.
    pub(super) fn name(&mut self) -> Option<ObjectName> {
        let mut name = ObjectName {
            schema: None,
            name: self.identifier()?,
        };
        while self.eat_mark(".") {
            name = ObjectName {
                schema: Some(name.name),
                name: self.identifier()?,
            };
        }
        Some(name)
    }

    /// Names with commas between them.
    pub(super) fn names(&mut self) -> Option<Vec<ObjectName>> {
        let mut names = vec![self.name()?];
        while self.eat_mark(",") {
            names.push(self.name()?);
        }
        Some(names)
    }

    pub(super) fn identifier(&mut self) -> Option<String> {
        let piece = self.peeked?;
        let name = match piece.token.kind {
            TokenKind::Word if self.dialect == Dialect::Postgres => piece.text.to_lowercase(),
            TokenKind::Word => piece.text.to_owned(),
            TokenKind::QuotedIdentifier => unquote(piece.text),
            _ => return None,
        };
        self.advance();
        Some(name)
    }

    /// Whether the word stands anywhere from here on, outside strings and quoted names.
    pub(super) fn has(&self, keyword: &str) -> bool {
        self.clone().any(|piece| piece.is(keyword))
    }

    /// Whether the word stands from here on outside brackets.
    pub(super) fn has_outside_brackets(&self, keywords: &[&str]) -> bool {
        let mut depth = 0_usize;
        self.clone().any(|piece| {
            depth = depth_after(depth, &piece);
            depth == 0 && piece.is_one_of(keywords)
        })
    }

    /// Whether the words stand in a row anywhere from here on.
    pub(super) fn has_all(&self, keywords: &[&str]) -> bool {
        let mut ahead = self.clone();
        while ahead.peek().is_some() {
            if ahead.is_one_of(&keywords[..1]) && ahead.clone().eat_all(keywords) {
                return true;
            }
            ahead.advance();
        }
        false
    }

    /// Cursors at the start of each part between commas outside brackets, each of which sees only
    /// its part.
    pub(super) fn parts(&self) -> Vec<Cursor<'a>> {
        let Some(first) = self.peeked else {
            return Vec::new();
        };
        let mut ends = Vec::new();
        let mut depth = 0_usize;
        let mut start = first.token.start;
        for piece in self.clone() {
            depth = depth_after(depth, &piece);
            if depth == 0 && piece.is_mark(",") {
                ends.push((start, piece.token.start));
                start = piece.token.end;
            }
        }
        ends.push((start, self.text.len()));
        ends.into_iter()
            .map(|(start, end)| {
                let text = self.text.get(..end).unwrap_or_default();
                Cursor::starting_at(start, text, self.dialect)
            })
            .collect()
    }
}

fn depth_after(depth: usize, piece: &Piece<'_>) -> usize {
    if piece.is_mark("(") {
        depth + 1
    } else if piece.is_mark(")") {
        depth.saturating_sub(1)
    } else {
        depth
    }
}

impl<'a> Iterator for Cursor<'a> {
    type Item = Piece<'a>;

    fn next(&mut self) -> Option<Piece<'a>> {
        let piece = self.peeked;
        self.advance();
        piece
    }
}
