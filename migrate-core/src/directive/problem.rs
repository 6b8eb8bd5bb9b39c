//! What is wrong with a comment that is meant as a directive.

use std::ops::Range;

/// A comment that looks like a directive and is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{kind}")]
pub struct DirectiveProblem {
    /// What is wrong.
    pub kind: DirectiveProblemKind,
    /// The comment.
    pub span: Range<usize>,
}

impl DirectiveProblem {
    /// What to do about it, as a sentence without the final period.
    pub fn help(&self) -> String {
        self.kind.help()
    }
}

/// The kinds of [`DirectiveProblem`]s.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DirectiveProblemKind {
    /// No directive has this name.
    #[error("unknown directive `migrate:{word}`")]
    Unknown {
        /// The name as written.
        word: String,
        /// A directive that is spelt nearly so.
        suggestion: Option<&'static str>,
    },
    /// The directive is void without a reason.
    #[error("`migrate:{word}` needs a reason")]
    MissingReason {
        /// The directive.
        word: String,
    },
    /// `allow` does not say what.
    #[error("`migrate:allow` needs a rule and a reason")]
    MissingRule,
    /// The directive takes no such argument.
    #[error("`migrate:{word}` does not take `{argument}`")]
    UnexpectedArgument {
        /// The directive.
        word: String,
        /// What follows it.
        argument: String,
    },
    /// `expect` cannot be understood.
    #[error("`migrate:expect` cannot be understood")]
    BadExpectation,
    /// White space beside the colon.
    #[error("white space beside the colon of `migrate:{word}`")]
    SpaceAroundColon {
        /// The directive.
        word: String,
    },
    /// Something stands before the directive on its line.
    #[error("a directive behind SQL on the same line")]
    NotOnOwnLine,
    /// A directive in a block comment or after `#`.
    #[error("a directive in a comment that does not start with `--`")]
    NotALineComment,
}

impl DirectiveProblemKind {
    fn help(&self) -> String {
        use DirectiveProblemKind::*;
        match self {
            Unknown {
                suggestion: Some(suggestion),
                ..
            } => format!("did you mean `-- migrate:{suggestion}`?"),
            Unknown {
                suggestion: None, ..
            } => "the directives are up, down, no-transaction, irreversible, allow, opaque and \
                  expect"
                .to_owned(),
            MissingReason { word } if word == "allow" => {
                "write `-- migrate:allow <rule> <reason>`".to_owned()
            }
            MissingReason { word } => format!("write `-- migrate:{word} <reason>`"),
            MissingRule => "write `-- migrate:allow <rule> <reason>`".to_owned(),
            UnexpectedArgument { word, .. } if word == "up" || word == "down" => {
                format!("write `-- migrate:{word}` or `-- migrate:{word} transaction:false`")
            }
            UnexpectedArgument { word, .. } => {
                format!("write `-- migrate:{word}`, and explanations in a comment of their own")
            }
            BadExpectation => {
                "write `-- migrate:expect rows <table> = same`, or `any`, `+3`, `-3`".to_owned()
            }
            SpaceAroundColon { word } => format!("write `-- migrate:{word}`"),
            NotOnOwnLine => {
                "put it on a line of its own, before the statement that it is about".to_owned()
            }
            NotALineComment => "write it as `-- migrate:…`".to_owned(),
        }
    }
}
