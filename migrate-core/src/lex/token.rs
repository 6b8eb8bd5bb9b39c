//! What the lexer makes.

use std::ops::Range;

/// One token: its kind and the bytes it covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// What the bytes are.
    pub kind: TokenKind,
    /// Offset of the first byte.
    pub start: usize,
    /// Offset after the last byte.
    pub end: usize,
}

impl Token {
    /// The bytes that the token covers.
    pub fn span(&self) -> Range<usize> {
        self.start..self.end
    }

    /// The token's text within the text it was read from; empty if that is another text.
    pub fn text<'a>(&self, text: &'a str) -> &'a str {
        text.get(self.start..self.end).unwrap_or_default()
    }
}

/// The kinds of tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TokenKind {
    /// Spaces, tabs, line ends.
    Whitespace,
    /// `-- …`, in MySQL also `# …`, without the line end.
    LineComment,
    /// `/* … */`, in PostgreSQL with comments inside it.
    BlockComment,
    /// A keyword or a bare identifier.
    Word,
    /// An identifier in quotes: `"a"`, `` `a` ``, `[a]`, `U&"a"`.
    QuotedIdentifier,
    /// A string or a blob in any of its forms, prefix included.
    String,
    /// A number.
    Number,
    /// A parameter or a variable: `$1`, `?`, `:name`, `@name`, `@@global.name`.
    Parameter,
    /// An operator or a punctuation mark.
    Operator,
    /// What ends a statement: `;`, or what `DELIMITER` said.
    Terminator,
    /// The start of MySQL's `/*!40101 … */` or MariaDB's `/*M!100100 … */`, whose content the
    /// server runs; the content follows as tokens of its own.
    VersionOpen,
    /// The `*/` that ends such content.
    VersionClose,
    /// A command of a client program (`\connect`, `\G`), up to the end of the line if it takes
    /// arguments.
    ClientCommand,
    /// Something without an end; it covers the rest of the text.
    Unterminated(Unterminated),
}

impl TokenKind {
    /// White space or a comment.
    pub const fn is_trivia(self) -> bool {
        matches!(
            self,
            TokenKind::Whitespace | TokenKind::LineComment | TokenKind::BlockComment
        )
    }
}

/// What has no end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unterminated {
    /// A string.
    String,
    /// A quoted identifier.
    Identifier,
    /// A block comment.
    Comment,
    /// A dollar-quoted string.
    DollarQuote,
}
