//! Tokens of the three dialects, with byte spans that cover every byte of the text.
//!
//! One [`Lexer`] reads all dialects; what differs between them stands in `rules.rs`. It never fails:
//! what has no end (a quote, a comment) becomes a token of kind [`TokenKind::Unterminated`], and
//! whatever cannot start anything is an operator of one character.
//!
//! ```
//! use migrate_core::Dialect;
//! use migrate_core::lex::{Lexer, TokenKind};
//!
//! let words: Vec<&str> = Lexer::new("SELECT $$a;b$$ -- c", Dialect::Postgres)
//!     .filter(|token| !token.kind.is_trivia())
//!     .map(|token| token.text("SELECT $$a;b$$ -- c"))
//!     .collect();
//! assert_eq!(words, ["SELECT", "$$a;b$$"]);
//! ```

mod lexer;
mod name;
mod rules;
#[cfg(test)]
mod tests;
mod token;

pub use lexer::Lexer;
pub use name::unquote;
pub use token::{Token, TokenKind, Unterminated};
