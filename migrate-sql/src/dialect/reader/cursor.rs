//! The tokens of one statement and a place among them.

use std::collections::BTreeSet;

use migrate_core::Dialect;
use migrate_core::lex::{Lexer, TokenKind};

use super::fault::{Fault, Read};
use crate::name::Span;
use crate::scope::Scope;

/// A token that is neither white space nor a comment.
#[derive(Clone, Copy, Debug)]
pub(in crate::dialect) struct Piece<'a> {
    pub(in crate::dialect) kind: TokenKind,
    pub(in crate::dialect) text: &'a str,
    /// Bytes within the statement.
    pub(in crate::dialect) start: usize,
    pub(in crate::dialect) end: usize,
}

impl Piece<'_> {
    /// A bare word, in any case.
    pub(in crate::dialect) fn is(&self, word: &str) -> bool {
        self.kind == TokenKind::Word && self.text.eq_ignore_ascii_case(word)
    }

    /// An operator or a punctuation mark.
    pub(in crate::dialect) fn is_mark(&self, mark: &str) -> bool {
        matches!(self.kind, TokenKind::Operator | TokenKind::Terminator) && self.text == mark
    }
}

/// A common table expression: its name and its columns, where they are known.
#[derive(Debug)]
pub(super) struct CommonTable {
    pub(super) name: String,
    pub(super) columns: Option<Vec<String>>,
}

/// How deep brackets, subqueries and blocks may nest before the reader gives up. MySQL itself
/// takes some hundreds; without optimisation, a block in a block takes 20 KB of a thread's 2 MB.
const DEEPEST: usize = 64;

/// Operators of more than one character; the lexer gives them one by one. Longer ones come first.
const OPERATORS: &[&str] = &[
    "<=>", "->>", "<=", ">=", "<>", "!=", "==", "<<", ">>", "||", "&&", ":=", "->",
];

/// Reads one statement.
#[derive(Debug)]
pub(in crate::dialect) struct Reader<'a> {
    text: &'a str,
    /// Where the statement begins in its script.
    offset: usize,
    pub(in crate::dialect) dialect: Dialect,
    pieces: Vec<Piece<'a>>,
    at: usize,
    depth: usize,
    /// The open scopes, the innermost last.
    scopes: Vec<Scope>,
    /// The common table expressions that can be seen, the innermost last.
    pub(super) common_tables: Vec<CommonTable>,
    /// An expression has assigned to a variable.
    pub(in crate::dialect) assigns: bool,
    /// Blocks and branches around the statement: names may be variables there.
    #[cfg(feature = "mysql")]
    pub(in crate::dialect) programs: usize,
}

/// What becomes of the content of `/*! … */`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::dialect) enum VersionComments {
    /// It is read.
    Read,
    /// It is passed over, as a server of another version does.
    Skip,
}

impl<'a> Reader<'a> {
    pub(in crate::dialect) fn new(
        text: &'a str,
        offset: usize,
        dialect: Dialect,
        version_comments: VersionComments,
    ) -> Self {
        Reader {
            text,
            offset,
            dialect,
            pieces: pieces(text, dialect, version_comments),
            at: 0,
            depth: 0,
            scopes: vec![Scope::default()],
            common_tables: Vec::new(),
            assigns: false,
            #[cfg(feature = "mysql")]
            programs: 0,
        }
    }

    pub(in crate::dialect) fn is_sqlite(&self) -> bool {
        self.dialect == Dialect::Sqlite
    }

    // Where it is.

    pub(in crate::dialect) fn peek(&self) -> Option<Piece<'a>> {
        self.peek_at(0)
    }

    /// A token by its [place](Self::place).
    pub(super) fn piece(&self, place: usize) -> Option<Piece<'a>> {
        self.pieces.get(place).copied()
    }

    /// The token that comes `ahead` tokens after the next.
    pub(in crate::dialect) fn peek_at(&self, ahead: usize) -> Option<Piece<'a>> {
        self.pieces.get(self.at + ahead).copied()
    }

    pub(in crate::dialect) fn at_end(&self) -> bool {
        self.at >= self.pieces.len()
    }

    /// Where the next token begins, to measure from later.
    pub(in crate::dialect) fn start(&self) -> usize {
        self.peek().map_or(self.text.len(), |piece| piece.start)
    }

    /// Where the last token ended.
    fn last_end(&self) -> usize {
        let last = self.at.checked_sub(1).and_then(|at| self.pieces.get(at));
        last.map_or(0, |piece| piece.end)
    }

    /// From a [start](Self::start) to the last token that was read.
    pub(in crate::dialect) fn span_from(&self, start: usize) -> Span {
        Span::new(start, self.last_end().max(start)).shifted(self.offset)
    }

    /// The text from a [start](Self::start) to the last token that was read.
    pub(in crate::dialect) fn text_from(&self, start: usize) -> &'a str {
        self.text.get(start..self.last_end()).unwrap_or_default()
    }

    /// The end of the last token that was read, in the script.
    pub(in crate::dialect) fn here_end(&self) -> usize {
        self.last_end() + self.offset
    }

    /// Whether the next token follows the last without a space.
    pub(super) fn is_glued(&self) -> bool {
        self.peek()
            .is_some_and(|piece| piece.start == self.last_end())
    }

    /// The whole statement.
    pub(in crate::dialect) fn whole(&self) -> Span {
        Span::new(0, self.text.len()).shifted(self.offset)
    }

    pub(in crate::dialect) fn span_of(&self, piece: Piece<'_>) -> Span {
        Span::new(piece.start, piece.end).shifted(self.offset)
    }

    /// The next token, or the last character where the statement ends.
    pub(in crate::dialect) fn here(&self) -> Span {
        match self.peek() {
            Some(piece) => self.span_of(piece),
            None => {
                let end = self.last_end();
                let last = self.text.get(..end).and_then(|text| text.chars().last());
                let width = last.map_or(0, char::len_utf8);
                Span::new(end - width, end).shifted(self.offset)
            }
        }
    }

    /// A place to [go back](Self::back) to.
    pub(in crate::dialect) fn place(&self) -> usize {
        self.at
    }

    /// Goes back. What was put into a scope in between stays there, so this is for looking ahead
    /// over names and keywords only.
    pub(in crate::dialect) fn back(&mut self, place: usize) {
        self.at = place;
    }

    // What comes next.

    pub(in crate::dialect) fn is(&self, word: &str) -> bool {
        self.is_at(0, word)
    }

    pub(in crate::dialect) fn is_at(&self, ahead: usize, word: &str) -> bool {
        self.peek_at(ahead).is_some_and(|piece| piece.is(word))
    }

    pub(in crate::dialect) fn is_one_of(&self, words: &[&str]) -> bool {
        words.iter().any(|word| self.is(word))
    }

    /// Whether these words come next, in this order.
    pub(in crate::dialect) fn are(&self, words: &[&str]) -> bool {
        words
            .iter()
            .enumerate()
            .all(|(ahead, word)| self.is_at(ahead, word))
    }

    pub(in crate::dialect) fn is_mark(&self, mark: &str) -> bool {
        self.is_mark_at(0, mark)
    }

    pub(in crate::dialect) fn is_mark_at(&self, ahead: usize, mark: &str) -> bool {
        self.peek_at(ahead).is_some_and(|piece| piece.is_mark(mark))
    }

    pub(in crate::dialect) fn is_kind(&self, kind: TokenKind) -> bool {
        self.peek().is_some_and(|piece| piece.kind == kind)
    }

    // Going on.

    pub(in crate::dialect) fn next(&mut self) -> Option<Piece<'a>> {
        let piece = self.peek()?;
        self.at += 1;
        Some(piece)
    }

    pub(in crate::dialect) fn eat(&mut self, word: &str) -> bool {
        let found = self.is(word);
        self.at += usize::from(found);
        found
    }

    /// Which of the words came next.
    pub(in crate::dialect) fn eat_one_of(
        &mut self,
        words: &[&'static str],
    ) -> Option<&'static str> {
        words.iter().copied().find(|word| self.eat(word))
    }

    /// All of the words in a row, or nothing.
    pub(in crate::dialect) fn eat_all(&mut self, words: &[&str]) -> bool {
        let found = self.are(words);
        if found {
            self.at += words.len();
        }
        found
    }

    pub(in crate::dialect) fn eat_mark(&mut self, mark: &str) -> bool {
        let found = self.is_mark(mark);
        self.at += usize::from(found);
        found
    }

    pub(in crate::dialect) fn eat_kind(&mut self, kind: TokenKind) -> Option<Piece<'a>> {
        if self.is_kind(kind) {
            self.next()
        } else {
            None
        }
    }

    pub(in crate::dialect) fn need(&mut self, word: &'static str) -> Read<()> {
        self.need_one_of(&[word]).map(|_| ())
    }

    pub(in crate::dialect) fn need_all(&mut self, words: &[&'static str]) -> Read<()> {
        words.iter().try_for_each(|word| self.need(word))
    }

    pub(in crate::dialect) fn need_one_of(&mut self, words: &[&'static str]) -> Read<&'static str> {
        self.eat_one_of(words)
            .ok_or_else(|| self.expected_word(words))
    }

    pub(in crate::dialect) fn need_mark(&mut self, mark: &str) -> Read<()> {
        if self.eat_mark(mark) {
            Ok(())
        } else {
            Err(self.expected(&format!("`{mark}`")))
        }
    }

    /// The end of the statement, after a terminator or none.
    pub(in crate::dialect) fn need_end(&mut self) -> Read<()> {
        while self.eat_kind(TokenKind::Terminator).is_some() {}
        if self.at_end() {
            Ok(())
        } else {
            Err(self.unexpected("here", &[]))
        }
    }

    pub(in crate::dialect) fn eat_if_exists(&mut self) -> Read<bool> {
        if !self.eat("IF") {
            return Ok(false);
        }
        self.need("EXISTS")?;
        Ok(true)
    }

    pub(in crate::dialect) fn eat_if_not_exists(&mut self) -> Read<bool> {
        if !self.eat("IF") {
            return Ok(false);
        }
        self.need_all(&["NOT", "EXISTS"])?;
        Ok(true)
    }

    /// One or more things with commas between them.
    pub(in crate::dialect) fn list<T>(
        &mut self,
        mut item: impl FnMut(&mut Self) -> Read<T>,
    ) -> Read<Vec<T>> {
        let mut items = vec![item(self)?];
        while self.eat_mark(",") {
            items.push(item(self)?);
        }
        Ok(items)
    }

    /// A list in brackets. `what` is what it is a list of, for the message where something else
    /// than a comma or the closing bracket follows.
    pub(in crate::dialect) fn bracketed<T>(
        &mut self,
        item: impl FnMut(&mut Self) -> Read<T>,
    ) -> Read<Vec<T>> {
        self.need_mark("(")?;
        let items = self.list(item)?;
        self.need_closing()?;
        Ok(items)
    }

    /// The bracket that closes a list.
    pub(in crate::dialect) fn need_closing(&mut self) -> Read<()> {
        if self.eat_mark(")") {
            Ok(())
        } else {
            Err(self.expected("`,` or `)`"))
        }
    }

    /// Passes over everything up to the bracket that closes what was opened just before, with it.
    pub(in crate::dialect) fn skip_to_closing(&mut self) -> Read<()> {
        let mut depth = 1_usize;
        while let Some(piece) = self.next() {
            if piece.is_mark("(") {
                depth += 1;
            } else if piece.is_mark(")") {
                depth -= 1;
                if depth == 0 {
                    return Ok(());
                }
            }
        }
        Err(self.expected("`)`"))
    }

    /// Passes over the rest of the statement.
    #[cfg(feature = "sqlite")]
    pub(in crate::dialect) fn skip_all(&mut self) {
        self.at = self.pieces.len();
    }

    /// Goes one level deeper; too many are not followed.
    pub(in crate::dialect) fn nested<T>(
        &mut self,
        inner: impl FnOnce(&mut Self) -> Read<T>,
    ) -> Read<T> {
        if self.depth >= DEEPEST {
            return Err(Fault::Unknown("a statement that is nested too deeply"));
        }
        self.depth += 1;
        let read = inner(self);
        self.depth -= 1;
        read
    }

    // Scopes.

    /// The scope that is open.
    pub(in crate::dialect) fn scope(&mut self) -> &mut Scope {
        if self.scopes.is_empty() {
            self.scopes.push(Scope::default());
        }
        let innermost = self.scopes.len() - 1;
        &mut self.scopes[innermost]
    }

    /// Reads with a scope of its own, which comes back.
    pub(in crate::dialect) fn scoped<T>(
        &mut self,
        inner: impl FnOnce(&mut Self) -> Read<T>,
    ) -> Read<(T, Scope)> {
        self.scopes.push(Scope::default());
        let read = inner(self);
        let scope = self.scopes.pop().unwrap_or_default();
        Ok((read?, scope))
    }

    /// All the words of the statement, as an opaque statement may touch what they name.
    pub(in crate::dialect) fn words(&self) -> BTreeSet<String> {
        self.words_from(0)
    }

    /// The words from a [place](Self::place) to the end of the statement.
    pub(in crate::dialect) fn words_from(&self, place: usize) -> BTreeSet<String> {
        let pieces = self.pieces.iter().skip(place);
        pieces.filter_map(super::names::word).collect()
    }
}

fn pieces<'a>(
    text: &'a str,
    dialect: Dialect,
    version_comments: VersionComments,
) -> Vec<Piece<'a>> {
    let mut pieces: Vec<Piece<'a>> = Vec::new();
    let mut skipped = 0_usize;
    for token in Lexer::new(text, dialect) {
        match token.kind {
            kind if kind.is_trivia() => continue,
            TokenKind::VersionOpen => {
                skipped += usize::from(version_comments == VersionComments::Skip);
                continue;
            }
            TokenKind::VersionClose => {
                skipped = skipped.saturating_sub(1);
                continue;
            }
            _ if skipped > 0 => continue,
            _ => {}
        }
        let (mut start, end) = (token.start, token.end);
        if token.kind == TokenKind::Operator {
            while let Some(last) = pieces.last()
                && last.kind == TokenKind::Operator
                && last.end == start
                && text
                    .get(last.start..end)
                    .is_some_and(|both| OPERATORS.contains(&both))
            {
                start = last.start;
                pieces.pop();
            }
        }
        pieces.push(Piece {
            kind: token.kind,
            text: text.get(start..end).unwrap_or_default(),
            start,
            end,
        });
    }
    pieces
}
