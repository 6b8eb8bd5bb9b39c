//! What a script says to the migration system, in comments: `-- migrate:<word> …`.
//!
//! A directive is a line comment on a line of its own; inside strings and COPY data it is text.
//!
//! | directive | meaning |
//! |---|---|
//! | `-- migrate:up`, `-- migrate:down` | a section of a file that holds both directions; dbmate's `transaction:false` may follow |
//! | `-- migrate:no-transaction` | the script runs statement by statement; sqlx's first line `-- no-transaction` means the same |
//! | `-- migrate:irreversible <reason>` | there is no way down, on purpose |
//! | `-- migrate:allow <rule> <reason>` | the rule's findings about the next statement are accepted |
//! | `-- migrate:opaque` | the parser is not asked about the next statement |
//! | `-- migrate:expect rows <table> = <same, any, +n, -n>` | what becomes of the number of rows |
//!
//! ```
//! use migrate_core::directive::{DirectiveKind, directives};
//! use migrate_core::{Dialect, split};
//!
//! let text = "-- migrate:allow drop-table nobody reads it\nDROP TABLE a;";
//! let found = directives(text, &split(text, Dialect::Sqlite));
//! assert_eq!(found.directives[0].before_statement, Some(0));
//! assert!(matches!(&found.directives[0].kind, DirectiveKind::Allow { rule, .. } if rule == "drop-table"));
//! ```

mod parse;
mod problem;
#[cfg(test)]
mod tests;

use std::ops::Range;

use crate::Direction;
use crate::split::Split;

pub use problem::{DirectiveProblem, DirectiveProblemKind};

/// The directives of a script, and what is wrong with them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Directives {
    /// The directives in the order of the text.
    pub directives: Vec<Directive>,
    /// What looks like a directive and is none, in order.
    pub problems: Vec<DirectiveProblem>,
}

/// One directive and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Directive {
    /// What it says.
    pub kind: DirectiveKind,
    /// The comment.
    pub span: Range<usize>,
    /// The index of the statement that follows, or in which the comment stands; none after the last.
    pub before_statement: Option<usize>,
}

/// The kinds of directives.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DirectiveKind {
    /// The section of a direction starts here.
    Section {
        /// Which way the section leads.
        direction: Direction,
        /// What `transaction:` says, as dbmate writes it.
        transaction: Option<bool>,
    },
    /// The script does not run in one transaction.
    NoTransaction,
    /// There is no way down, on purpose.
    Irreversible {
        /// Why.
        reason: String,
    },
    /// A rule's findings about the next statement are accepted.
    Allow {
        /// The rule's name, which this module does not check.
        rule: String,
        /// Why.
        reason: String,
    },
    /// The parser is not asked about the next statement.
    Opaque,
    /// What becomes of the number of rows of a table.
    ExpectRows {
        /// The table as written.
        table: String,
        /// The change.
        change: RowChange,
    },
}

/// How the number of rows of a table changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowChange {
    /// By this many.
    By(i64),
    /// In any way.
    Any,
}

/// Reads the directives among the comments of a script that has been split.
pub fn directives(text: &str, split: &Split) -> Directives {
    let mut found = Directives::default();
    for span in &split.comments {
        let comment = text.get(span.clone()).unwrap_or_default();
        match parse::comment(comment, span.start == 0, starts_line(text, span.start)) {
            None => {}
            Some(Ok(kind)) => {
                let next = split
                    .statements
                    .partition_point(|s| s.span.end <= span.start);
                found.directives.push(Directive {
                    kind,
                    span: span.clone(),
                    before_statement: (next < split.statements.len()).then_some(next),
                });
            }
            Some(Err(kind)) => found.problems.push(DirectiveProblem {
                kind,
                span: span.clone(),
            }),
        }
    }
    found
}

fn starts_line(text: &str, at: usize) -> bool {
    let before = text.get(..at).unwrap_or_default();
    let before = before.trim_end_matches([' ', '\t']);
    before.is_empty() || before.ends_with('\n')
}
