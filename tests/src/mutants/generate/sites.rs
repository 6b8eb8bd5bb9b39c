//! A script as statements of words.

use std::ops::Range;

use migrate_core::lex::{Lexer, Token, TokenKind, unquote};
use migrate_core::{Dialect, Direction, line_column, split};

use crate::mutants::{Class, Edit, MutableSet, Mutant, SetScript};

/// A statement: its tokens without comments and white space.
#[derive(Clone, Debug)]
pub(super) struct Words<'a> {
    text: &'a str,
    tokens: Vec<Token>,
    /// How many parentheses are open before each.
    depths: Vec<usize>,
    /// The statement without its terminator.
    pub(super) span: Range<usize>,
    /// The statement with it.
    pub(super) whole: Range<usize>,
}

/// The statements of a script.
pub(super) fn statements(script: &SetScript, dialect: Dialect) -> Vec<Words<'_>> {
    let text = script.text.as_str();
    let words = |statement: migrate_core::Statement| {
        let span = statement.span;
        let tokens = Lexer::new(&text[span.clone()], dialect).map(|token| Token {
            start: token.start + span.start,
            end: token.end + span.start,
            ..token
        });
        let tokens: Vec<Token> = tokens.filter(|token| !token.kind.is_trivia()).collect();
        let end = statement.terminator.map_or(span.end, |range| range.end);
        Words {
            text,
            depths: depths(text, &tokens),
            tokens,
            whole: span.start..end,
            span,
        }
    };
    split(text, dialect)
        .statements
        .into_iter()
        .map(words)
        .collect()
}

fn depths(text: &str, tokens: &[Token]) -> Vec<usize> {
    let mut depth: usize = 0;
    let depths = tokens.iter().map(|token| {
        let before = depth;
        match token.text(text) {
            "(" => depth += 1,
            ")" => depth = depth.saturating_sub(1),
            _ => {}
        }
        before
    });
    depths.collect()
}

impl<'a> Words<'a> {
    pub(super) fn len(&self) -> usize {
        self.tokens.len()
    }

    /// The bytes of a token.
    pub(super) fn range(&self, index: usize) -> Range<usize> {
        self.tokens[index].span()
    }

    /// A token as it is written; empty outside the statement.
    pub(super) fn text(&self, index: usize) -> &'a str {
        self.tokens
            .get(index)
            .map_or("", |token| token.text(self.text))
    }

    /// Whether a token is a bare word.
    pub(super) fn is_word(&self, index: usize) -> bool {
        self.kind(index) == Some(TokenKind::Word)
    }

    fn kind(&self, index: usize) -> Option<TokenKind> {
        self.tokens.get(index).map(|token| token.kind)
    }

    /// Whether a token is this keyword or mark.
    pub(super) fn is(&self, index: usize, word: &str) -> bool {
        let bare = matches!(
            self.kind(index),
            Some(TokenKind::Word | TokenKind::Operator)
        );
        bare && self.text(index).eq_ignore_ascii_case(word)
    }

    /// Whether a token is one of these keywords.
    pub(super) fn is_one_of(&self, index: usize, words: &[&str]) -> bool {
        words.iter().any(|word| self.is(index, word))
    }

    /// Whether the tokens from `index` on are these keywords.
    pub(super) fn are(&self, index: usize, words: &[&str]) -> bool {
        (words.iter().enumerate()).all(|(offset, word)| self.is(index + offset, word))
    }

    /// Whether the token before `index` is this.
    pub(super) fn follows(&self, index: usize, word: &str) -> bool {
        index > 0 && self.is(index - 1, word)
    }

    /// The name that a token is, in lower case; `None` for other tokens. MySQL's and SQLite's
    /// identifiers in string quotes are not looked for.
    pub(super) fn name(&self, index: usize) -> Option<String> {
        match self.kind(index)? {
            TokenKind::Word => Some(self.text(index).to_lowercase()),
            TokenKind::QuotedIdentifier => Some(unquote(self.text(index)).to_lowercase()),
            _ => None,
        }
    }

    /// How many parentheses are open before a token.
    pub(super) fn depth(&self, index: usize) -> usize {
        self.depths.get(index).copied().unwrap_or_default()
    }

    /// `index`, moved over IF EXISTS or IF NOT EXISTS.
    pub(super) fn after_if_exists(&self, index: usize) -> usize {
        if self.are(index, &["IF", "NOT", "EXISTS"]) {
            index + 3
        } else if self.are(index, &["IF", "EXISTS"]) {
            index + 2
        } else {
            index
        }
    }
}

/// A mutant that replaces bytes of one script.
pub(super) fn replace(
    class: Class,
    (migration, direction, script): (usize, Direction, &SetScript),
    range: Range<usize>,
    with: &str,
    what: String,
) -> Mutant {
    let (line, _) = line_column(&script.text, range.start);
    Mutant {
        class,
        edits: vec![Edit {
            migration,
            direction,
            range,
            with: with.to_owned(),
        }],
        what,
        line,
    }
}

/// Every statement of the set with its place.
pub(super) fn all(
    set: &MutableSet,
) -> impl Iterator<Item = ((usize, Direction, &SetScript), Words<'_>)> {
    set.scripts().flat_map(move |place| {
        let statements = statements(place.2, set.dialect());
        statements.into_iter().map(move |words| (place, words))
    })
}
