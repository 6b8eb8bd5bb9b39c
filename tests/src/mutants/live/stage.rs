//! A database that stands behind some migrations, and on which scripts are tried.

use std::collections::BTreeSet;

use migrate_core::{Dialect, Direction, split};

use crate::mutants::SetScript;

/// A schema: one line for each thing in it, so that order does not count.
pub type Facts = BTreeSet<String>;

/// A database to try scripts on.
pub trait Stage {
    /// The server and its version.
    fn server(&mut self) -> String;

    /// Runs a script for good.
    ///
    /// # Errors
    /// What the database says.
    fn advance(&mut self, script: &SetScript) -> Result<(), String>;

    /// Runs up scripts in order, then the way down of the last of them where there is one. Leaves
    /// the database as it was.
    fn attempt(&mut self, ups: &[SetScript], down: Option<&SetScript>) -> Trial;
}

/// What came of an attempt.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trial {
    /// The script that failed, if one did.
    pub failure: Option<Failure>,
    /// What the way down did not bring back (`-`) or left behind (`+`). Empty where it failed or
    /// there is none.
    pub difference: Vec<String>,
}

/// A script that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Whether it was the way down.
    pub direction: Direction,
    /// What the database said.
    pub message: String,
}

/// A session within an attempt.
pub(super) trait Session {
    /// Runs a script as the runner does.
    fn run(&mut self, script: &SetScript) -> Result<(), String>;

    /// The schema.
    fn facts(&mut self) -> Facts;
}

impl Trial {
    pub(super) fn failed(direction: Direction, message: String) -> Self {
        Self {
            failure: Some(Failure { direction, message }),
            difference: Vec::new(),
        }
    }

    /// What is different between the schema before the way up and the one after the way down.
    pub(super) fn between(before: &Facts, after: &Facts) -> Self {
        let lost = before.difference(after).map(|fact| format!("- {fact}"));
        let left = after.difference(before).map(|fact| format!("+ {fact}"));
        Self {
            failure: None,
            difference: lost.chain(left).collect(),
        }
    }
}

/// The course of an attempt on a database that is given back afterwards.
pub(super) fn attempt(
    session: &mut dyn Session,
    ups: &[SetScript],
    down: Option<&SetScript>,
) -> Trial {
    let Some((last, rest)) = ups.split_last() else {
        return Trial::default();
    };
    for script in rest {
        if let Err(message) = session.run(script) {
            return Trial::failed(Direction::Up, message);
        }
    }
    let before = down.map(|_| session.facts());
    if let Err(message) = session.run(last) {
        return Trial::failed(Direction::Up, message);
    }
    let (Some(down), Some(before)) = (down, before) else {
        return Trial::default();
    };
    match session.run(down) {
        Err(message) => Trial::failed(Direction::Down, message),
        Ok(()) => Trial::between(&before, &session.facts()),
    }
}

/// The statements of a script as they are sent.
pub(super) fn statements(script: &SetScript, dialect: Dialect) -> Vec<&str> {
    let split = split(&script.text, dialect);
    (split.statements.iter())
        .map(|statement| &script.text[statement.span.clone()])
        .collect()
}
