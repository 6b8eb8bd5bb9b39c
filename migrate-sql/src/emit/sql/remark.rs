//! What is to be said about statements.

use std::fmt;

/// Something to know before the statements are run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// What sort of thing.
    pub kind: RemarkKind,
    /// One line, without a final period.
    pub text: String,
}

/// Sorts of remarks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum RemarkKind {
    /// A difference that the statements leave: somebody has to write the SQL.
    Cannot,
    /// Data that is gone afterwards.
    Loses,
    /// Something that depends on the data or on what was meant.
    Look,
}

impl RemarkKind {
    /// The word for machines.
    pub const fn name(self) -> &'static str {
        match self {
            RemarkKind::Cannot => "cannot",
            RemarkKind::Loses => "loses",
            RemarkKind::Look => "look",
        }
    }
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
