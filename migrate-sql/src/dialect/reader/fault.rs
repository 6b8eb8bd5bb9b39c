//! Why a statement cannot be read.

use migrate_core::closest;
use migrate_core::lex::TokenKind;

use super::cursor::{Piece, Reader};
use crate::dialect::SyntaxError;

/// What the reader could not read.
#[derive(Clone, Debug)]
pub(in crate::dialect) enum Fault {
    /// No server of the dialect takes this.
    Broken(SyntaxError),
    /// The reader cannot follow: it may be right. The reason is for messages.
    Unknown(&'static str),
}

/// What was read, or why not.
pub(in crate::dialect) type Read<T> = Result<T, Fault>;

impl Reader<'_> {
    /// A fault at the next token, where one of these keywords has to stand.
    pub(in crate::dialect) fn expected_word(&self, words: &[&'static str]) -> Fault {
        let wanted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
        self.misspelt(self.expected(&or_list(&wanted)), words)
    }

    /// A fault at the next token, where something else has to stand: "a table name".
    pub(in crate::dialect) fn expected(&self, what: &str) -> Fault {
        let message = match self.peek() {
            Some(found) => format!("expected {what}, found {}", shown(&found)),
            None => format!("the statement ends where {what} is expected"),
        };
        Fault::Broken(SyntaxError {
            message,
            span: self.here(),
            help: None,
        })
    }

    /// A fault at the next token, which cannot stand there: "after the type of column `a`". The
    /// words are what could; the closest is suggested.
    pub(in crate::dialect) fn unexpected(&self, place: &str, words: &[&'static str]) -> Fault {
        let message = match self.peek() {
            Some(found) => format!("{} cannot stand {place}", shown(&found)),
            None => format!("the statement ends {place}"),
        };
        let fault = Fault::Broken(SyntaxError {
            message,
            span: self.here(),
            help: None,
        });
        self.misspelt(fault, words)
    }

    /// Adds what the next token may be a misspelling of.
    fn misspelt(&self, fault: Fault, words: &[&'static str]) -> Fault {
        let meant = self
            .peek()
            .filter(|piece| piece.kind == TokenKind::Word)
            .and_then(|piece| {
                let meant = closest(piece.text, words.iter().copied())?;
                (!piece.is(meant)).then_some(meant)
            });
        match meant {
            Some(meant) => fault.or_help(format!("did you mean `{meant}`?")),
            None => fault,
        }
    }

    /// A fault at the token that was read last.
    pub(in crate::dialect) fn broken_before(&self, message: impl Into<String>) -> Fault {
        let last = self.place().checked_sub(1).and_then(|at| self.piece(at));
        match last {
            Some(piece) => self.broken_at(piece, message),
            None => self.expected("a statement"),
        }
    }

    /// A fault at a place.
    pub(in crate::dialect) fn broken_at(
        &self,
        piece: Piece<'_>,
        message: impl Into<String>,
    ) -> Fault {
        Fault::Broken(SyntaxError {
            message: message.into(),
            span: self.span_of(piece),
            help: None,
        })
    }
}

impl Fault {
    /// Whether both are broken at the same place for the same reason.
    #[cfg(feature = "mysql")]
    pub(in crate::dialect) fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Fault::Broken(one), Fault::Broken(other)) => one == other,
            _ => false,
        }
    }

    /// The same with an advice, unless it has one.
    pub(in crate::dialect) fn or_help(mut self, text: impl Into<String>) -> Self {
        if let Fault::Broken(error) = &mut self {
            error.help.get_or_insert_with(|| text.into());
        }
        self
    }
}

/// A token as messages show it: cut where it is long.
fn shown(piece: &Piece<'_>) -> String {
    const LONGEST: usize = 40;
    if piece.text.chars().count() > LONGEST {
        let start: String = piece.text.chars().take(LONGEST).collect();
        format!("`{start}…`")
    } else {
        format!("`{}`", piece.text)
    }
}

/// `a`, `a or b`, `a, b or c`.
fn or_list(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [start @ .., last] => format!("{} or {last}", start.join(", ")),
    }
}
