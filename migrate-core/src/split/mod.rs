//! A script cut into the statements that are sent to the server one by one.
//!
//! Only lexing decides, never a grammar: what is sent is what was written. The statements and the
//! gaps between them are the text, in order and without loss. What makes the cut uncertain is a
//! [`Problem`]; a script with problems must not run.
//!
//! ```
//! use migrate_core::{Dialect, split};
//!
//! let text = "CREATE TABLE a (b text DEFAULT ';'); -- one\nDROP TABLE c";
//! let split = split(text, Dialect::Sqlite);
//! let statements: Vec<&str> = split.texts(text).collect();
//! assert_eq!(statements, ["CREATE TABLE a (b text DEFAULT ';')", "DROP TABLE c"]);
//! assert!(split.problems.is_empty());
//! ```

mod delimiter;
mod mysql;
mod postgres;
mod problem;
mod scan;
mod sqlite;
#[cfg(test)]
mod tests;

use std::ops::Range;

use crate::Dialect;
use crate::lex::{Token, TokenKind};

pub use problem::{Problem, ProblemKind};

/// A script, cut.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Split {
    /// The statements in the order of the text.
    pub statements: Vec<Statement>,
    /// The comments outside strings and COPY data, within statements and between them, in order.
    pub comments: Vec<Range<usize>>,
    /// What is wrong, in order.
    pub problems: Vec<Problem>,
}

impl Split {
    /// The statements' texts, out of the text that was split.
    pub fn texts<'a>(&'a self, text: &'a str) -> impl Iterator<Item = &'a str> {
        self.statements.iter().map(move |s| s.text(text))
    }
}

/// Where one statement stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// The bytes to send: without the terminator, and without white space and comments around.
    pub span: Range<usize>,
    /// The terminator that ended it; none at the end of the text, before a DELIMITER line or with a
    /// client's `\g`.
    pub terminator: Option<Range<usize>>,
    /// The lines after COPY … FROM STDIN, without the `\.` line.
    pub copy_data: Option<Range<usize>>,
}

impl Statement {
    /// The statement's text within the text that was split; empty if that is another text.
    pub fn text<'a>(&self, text: &'a str) -> &'a str {
        text.get(self.span.clone()).unwrap_or_default()
    }
}

/// Cuts a script into statements. The text is expected as [`normalise`](crate::normalise) leaves
/// it; the spans are offsets into it. Takes time linear in the length of the text.
pub fn split(text: &str, dialect: Dialect) -> Split {
    scan::Scan::new(text, dialect).run()
}

/// Follows one statement to know which of its semicolons end it: the dialect's part of splitting.
#[derive(Debug)]
enum Body<'a> {
    Postgres(postgres::Body<'a>),
    Mysql(mysql::Body<'a>),
    Sqlite(sqlite::Body),
}

/// A token as the [`Body`] sees it.
#[derive(Clone, Copy, Debug)]
struct Piece<'a> {
    start: usize,
    text: &'a str,
    /// The text if the token is a bare word, which alone can be a keyword; else empty.
    word: &'a str,
}

impl Piece<'_> {
    fn is(&self, keyword: &str) -> bool {
        self.word.eq_ignore_ascii_case(keyword)
    }

    fn is_one_of(&self, keywords: &[&str]) -> bool {
        keywords.iter().any(|keyword| self.is(keyword))
    }
}

impl<'a> Body<'a> {
    fn new(dialect: Dialect) -> Self {
        match dialect {
            Dialect::Postgres => Body::Postgres(postgres::Body::default()),
            Dialect::Mysql => Body::Mysql(mysql::Body::default()),
            Dialect::Sqlite => Body::Sqlite(sqlite::Body::default()),
        }
    }

    /// Takes the next token of the statement that is neither trivia nor a semicolon.
    fn token(&mut self, token: &Token, text: &'a str) {
        let text = token.text(text);
        let piece = Piece {
            start: token.start,
            text,
            word: if token.kind == TokenKind::Word {
                text
            } else {
                ""
            },
        };
        match self {
            Body::Postgres(body) => body.token(piece),
            Body::Mysql(body) => body.token(piece),
            Body::Sqlite(body) => body.token(piece),
        }
    }

    /// Takes a semicolon: true if it ends the statement.
    fn semicolon(&mut self) -> bool {
        match self {
            Body::Postgres(body) => body.semicolon(),
            Body::Mysql(body) => body.semicolon(),
            Body::Sqlite(body) => body.semicolon(),
        }
    }

    /// The offset and the keyword of a block that is open at the end of the text.
    fn open_block(&self) -> Option<(usize, &'static str)> {
        match self {
            Body::Postgres(body) => body.open_block(),
            Body::Mysql(body) => body.open_block(),
            Body::Sqlite(body) => body.open_block(),
        }
    }

    /// COPY … FROM STDIN, so that data follows.
    fn wants_data(&self) -> bool {
        matches!(self, Body::Postgres(body) if body.wants_data())
    }

    /// A routine, trigger, event or package, so that semicolons before a DELIMITER are its own.
    fn is_program(&self) -> bool {
        matches!(self, Body::Mysql(body) if body.is_program())
    }

    /// Something whose end only a DELIMITER can tell.
    fn needs_delimiter(&self) -> bool {
        matches!(self, Body::Mysql(body) if body.is_package())
    }
}

/// The client command that a statement's first token would be, and the client that knows it.
fn client_command(dialect: Dialect, first: &Token, text: &str) -> Option<(String, &'static str)> {
    match dialect {
        Dialect::Postgres => None,
        Dialect::Mysql => mysql::client_command(first.text(text)),
        Dialect::Sqlite => sqlite::client_command(first, text),
    }
}

/// The client whose backslash commands a dialect's scripts may hold by mistake.
fn backslash_client(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Postgres => "psql",
        Dialect::Mysql => "mysql",
        Dialect::Sqlite => "sqlite3",
    }
}
