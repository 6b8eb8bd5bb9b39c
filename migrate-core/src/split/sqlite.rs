//! Semicolons inside a SQLite trigger. Each statement of its body ends with one, and none starts
//! with END, so `; END ;` is the end and CASE … END needs no counting; `sqlite3_complete` tells it
//! in the same way.

use super::Piece;
use crate::lex::{Token, TokenKind};

#[derive(Debug, Default, PartialEq)]
enum State {
    #[default]
    Start,
    Create,
    /// CREATE TRIGGER, before BEGIN.
    Header,
    Inside,
    AfterSemicolon,
    /// After `; END`.
    Ended,
    Other,
}

#[derive(Debug, Default)]
pub(super) struct Body {
    state: State,
    begin: usize,
}

impl Body {
    pub(super) fn token(&mut self, piece: Piece<'_>) {
        self.state = match self.state {
            State::Start if piece.is("CREATE") => State::Create,
            State::Create if piece.is_one_of(&["TEMP", "TEMPORARY"]) => State::Create,
            State::Create if piece.is("TRIGGER") => State::Header,
            State::Header if piece.is("BEGIN") => {
                self.begin = piece.start;
                State::Inside
            }
            State::Header => State::Header,
            State::AfterSemicolon if piece.is("END") => State::Ended,
            State::Inside | State::AfterSemicolon | State::Ended => State::Inside,
            State::Start | State::Create | State::Other => State::Other,
        };
    }

    pub(super) fn semicolon(&mut self) -> bool {
        match self.state {
            State::Inside | State::AfterSemicolon => {
                self.state = State::AfterSemicolon;
                false
            }
            _ => true,
        }
    }

    pub(super) fn open_block(&self) -> Option<(usize, &'static str)> {
        matches!(self.state, State::Inside | State::AfterSemicolon).then_some((self.begin, "BEGIN"))
    }
}

/// A dot command of the sqlite3 shell; no statement starts with a dot.
pub(super) fn client_command(first: &Token, text: &str) -> Option<(String, &'static str)> {
    if first.kind != TokenKind::Operator || first.text(text) != "." {
        return None;
    }
    let rest = text.get(first.end..)?;
    let name = rest.split(|c: char| !c.is_ascii_alphanumeric()).next()?;
    Some((format!(".{name}"), "sqlite3"))
}
