//! Expressions: defaults, checks, generated columns, index expressions, policies.

use crate::name::Span;
use crate::scope::Scope;

/// An expression in a script or in a database's catalogue.
#[derive(Clone, Debug)]
pub struct Expression {
    /// As it is written, without the keywords around it.
    pub text: String,
    /// In a form that is the same for what the script says and for what the database makes of it:
    /// two expressions are equal if these are. Each dialect makes it; it is not meant to be run.
    pub canonical: String,
    /// Where it stands; empty where it comes from a database.
    pub span: Span,
    /// What it reads.
    pub scope: Scope,
}

impl Expression {
    /// An expression that could not be followed: it may read anything, and is equal to what is
    /// written the same, up to white space.
    pub fn opaque(text: &str) -> Self {
        Expression {
            text: text.to_owned(),
            canonical: text.split_whitespace().collect::<Vec<_>>().join(" "),
            span: Span::default(),
            scope: Scope::unknown(),
        }
    }
}

impl PartialEq for Expression {
    fn eq(&self, other: &Self) -> bool {
        self.canonical == other.canonical
    }
}

impl Eq for Expression {}
