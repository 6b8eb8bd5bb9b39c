use std::fmt;

/// The mistakes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Class {
    /// A letter of a keyword is missing, doubled, or changes places with the next.
    Keyword,
    /// A table has another name where it is used, not where it is made.
    Table,
    /// A column has another name where it is used, not where it is made.
    Column,
    /// A comma is missing.
    Comma,
    /// A parenthesis is missing.
    Parenthesis,
    /// What creates or adds something stands in the set twice.
    CreateTwice,
    /// What drops something stands in the set twice.
    DropTwice,
    /// Two migrations have changed places.
    Swap,
    /// A down script lacks a statement.
    LostDown,
}

impl Class {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Keyword,
        Self::Table,
        Self::Column,
        Self::Comma,
        Self::Parenthesis,
        Self::CreateTwice,
        Self::DropTwice,
        Self::Swap,
        Self::LostDown,
    ];

    /// The name on the command line and in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Keyword => "keyword",
            Self::Table => "table",
            Self::Column => "column",
            Self::Comma => "comma",
            Self::Parenthesis => "parenthesis",
            Self::CreateTwice => "create-twice",
            Self::DropTwice => "drop-twice",
            Self::Swap => "swap",
            Self::LostDown => "lost-down",
        }
    }

    /// The class of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.name() == name)
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
