//! The form of a statement that keeps nobody away.
//!
//! A rule that knows one gives it as a [`Fix`]; the help of its finding is made from it, and so is
//! what `migrate check --fix` writes, so that the two cannot differ.

mod added;
mod clause;
mod words;

pub(super) use added::{added, new_index};
pub(crate) use clause::Clauses;
pub(super) use words::unused_name;
pub(crate) use words::{after_word, insert};

/// A migration that follows the one with the statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Stage {
    /// It runs outside a transaction.
    Concurrently,
    /// It looks at the rows, when the locks of the one before are released.
    Validate,
}

/// How to reach the same schema without keeping anybody away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fix {
    /// What stands in the place of the statement; `None` where all of it moves.
    pub(crate) here: Option<String>,
    /// What follows in another migration.
    pub(crate) later: Option<Later>,
    /// What the down script undoes now, and the later migration will have undone then.
    pub(crate) moved: Vec<Moved>,
    /// What rows lack then, and nobody can guess.
    pub(crate) left: Option<String>,
    /// It changes which rows later statements of the script find.
    pub(crate) changes_rows: bool,
    /// Rows that are written before it is done are not held to it.
    pub(crate) loosens: bool,
}

impl Fix {
    /// The statement is another one, and that is all.
    pub(super) fn here(statement: String) -> Self {
        Fix {
            here: Some(statement),
            later: None,
            moved: Vec::new(),
            left: None,
            changes_rows: false,
            loosens: false,
        }
    }

    /// All of the statement moves into a later migration.
    pub(super) fn later(later: Later) -> Self {
        Fix {
            here: None,
            later: Some(later),
            moved: Vec::new(),
            left: None,
            changes_rows: false,
            loosens: false,
        }
    }

    /// The lines of help that show it.
    pub(super) fn help(&self) -> Vec<String> {
        let mut help = Vec::new();
        if let Some(here) = &self.here {
            help.push(format!("write `{}`", one_line(here)));
        }
        if let Some(later) = &self.later {
            let place = match later.stage {
                Stage::Concurrently => {
                    "in a migration of its own with `-- migrate:no-transaction`: "
                }
                Stage::Validate => "in a second migration: ",
            };
            let all = later.work.iter().chain(&later.finish);
            let statements: Vec<String> = all.map(|it| format!("`{}`", one_line(it))).collect();
            help.push(format!("{place}{}", statements.join(", then ")));
        }
        help.extend(self.left.clone());
        help
    }
}

/// Statements that move into a later migration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Later {
    /// Into which.
    pub(crate) stage: Stage,
    /// What takes time.
    pub(crate) work: Vec<String>,
    /// What only changes the catalogue, and comes after all that takes time.
    pub(crate) finish: Vec<String>,
    /// What reverts these statements.
    pub(crate) revert: Revert,
}

/// How statements are reverted that moved into a later migration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Revert {
    /// By these statements.
    By(Vec<String>),
    /// By the statement of the down script that makes this index, as it is made without a lock.
    CreatingIndex(String),
}

/// What the down script of a migration undoes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Moved {
    /// DROP INDEX.
    Index(String),
    /// DROP CONSTRAINT.
    Constraint(String),
    /// DROP NOT NULL of a column; instead of it a constraint is dropped.
    NotNull {
        /// The column.
        column: String,
        /// The clause that stands there instead.
        instead: String,
    },
}

/// A statement in one line, as help shows it.
fn one_line(statement: &str) -> String {
    statement.split_whitespace().collect::<Vec<_>>().join(" ")
}
