//! Expressions, as far as their canonical form needs them.

use std::borrow::Cow;

use crate::name::ObjectName;

/// An expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::dialect) enum Tree {
    /// A name, perhaps with what stands before its dots.
    Name(Vec<String>),
    /// A number, as it is written.
    Number(String),
    /// The value of a string.
    Text(String),
    /// Bytes, as hexadecimal digits.
    Bytes(String),
    /// NULL, a parameter, a variable, `*`, a keyword, something that has no further form: as it
    /// stands in the canonical form.
    Word(String),
    /// A query in brackets; what it selects, where it is simple enough to be followed.
    Query(Option<Box<Rows>>),
    /// An operator, a function or a form with its operands, in lower case: `+`, `lower`, `case`.
    Node(Cow<'static, str>, Vec<Tree>),
}

impl Tree {
    pub(in crate::dialect) fn node(
        head: impl Into<Cow<'static, str>>,
        parts: impl Into<Vec<Tree>>,
    ) -> Self {
        Tree::Node(head.into(), parts.into())
    }

    pub(in crate::dialect) fn word(word: impl Into<String>) -> Self {
        Tree::Word(word.into())
    }

    /// The name of a bare column, as which the output of a query is then known.
    pub(in crate::dialect) fn column(&self) -> Option<&str> {
        match self {
            Tree::Name(parts) => parts.last().map(String::as_str),
            _ => None,
        }
    }
}

/// A query of one table or of none, without groups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::dialect) struct Rows {
    /// The select list; `*` is a word.
    pub(in crate::dialect) select: Vec<Tree>,
    /// The table.
    pub(in crate::dialect) from: Option<ObjectName>,
    /// WHERE.
    pub(in crate::dialect) condition: Option<Tree>,
}
