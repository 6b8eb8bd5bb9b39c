//! A line of text with the few marks that it may have.

use super::State;

/// Text in pieces. Nothing in it is markup: whoever renders it escapes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text(pub(crate) Vec<Piece>);

/// A piece of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// As it is.
    Plain(String),
    /// A name, a command, SQL.
    Code(String),
    /// What matters most.
    Strong(String),
    /// How something stands, in a word or two.
    Badge(State, String),
}

impl Text {
    /// No text.
    pub fn new() -> Self {
        Text::default()
    }

    /// Adds plain text.
    #[must_use]
    pub fn plain(self, text: impl Into<String>) -> Self {
        self.with(Piece::Plain(text.into()))
    }

    /// What comes next: a command, or a sentence with commands between backticks.
    pub fn instruction(text: &str) -> Self {
        match text.contains('`') {
            true => Text::marked(text),
            false => Text::new().code(text),
        }
    }

    /// Adds a name, a command or SQL.
    #[must_use]
    pub fn code(self, text: impl Into<String>) -> Self {
        self.with(Piece::Code(text.into()))
    }

    /// Adds what matters most.
    #[must_use]
    pub fn strong(self, text: impl Into<String>) -> Self {
        self.with(Piece::Strong(text.into()))
    }

    /// Adds how something stands.
    #[must_use]
    pub fn badge(self, state: State, text: impl Into<String>) -> Self {
        self.with(Piece::Badge(state, text.into()))
    }

    /// Adds another text.
    #[must_use]
    pub fn then(mut self, other: Text) -> Self {
        self.0.extend(other.0);
        self
    }

    /// A message of this program, in which names stand between backticks.
    pub fn marked(message: &str) -> Self {
        let mut text = Text::new();
        let mut rest = message;
        while let Some((before, code, after)) = rest.split_once('`').and_then(|(before, rest)| {
            rest.split_once('`')
                .map(|(code, rest)| (before, code, rest))
        }) {
            if !before.is_empty() {
                text = text.plain(before);
            }
            text = text.code(code);
            rest = after;
        }
        match rest.is_empty() {
            true => text,
            false => text.plain(rest),
        }
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn with(mut self, piece: Piece) -> Self {
        self.0.push(piece);
        self
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Text::new().plain(text)
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Text::new().plain(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_between_backticks_are_code() {
        let expected = Text::new().plain("a ").code("b").plain(" c").code("d");
        assert_eq!(Text::marked("a `b` c`d`"), expected);
        assert_eq!(Text::marked("a ` b"), Text::from("a ` b"));
        assert!(Text::marked("").is_empty());
    }
}
