//! Why a change cannot be made.

use std::sync::Arc;

use migrate_core::{Rule, SourceFile, rule};

use crate::name::Span;

/// The database would refuse a change; nothing here is a guess.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// The rule that the finding comes under.
    pub rule: &'static Rule,
    /// One line, lower case, no final period.
    pub message: String,
    /// The place in the script that is applied.
    pub span: Span,
    /// What is said beside the caret.
    pub label: String,
    /// Facts: where the object was made, what it has.
    pub notes: Vec<String>,
    /// What to do.
    pub help: Vec<String>,
}

impl Conflict {
    /// A conflict at a place.
    pub fn new(
        rule: &'static Rule,
        message: impl Into<String>,
        span: Span,
        label: impl Into<String>,
    ) -> Self {
        Conflict {
            rule,
            message: message.into(),
            span,
            label: label.into(),
            notes: Vec::new(),
            help: Vec::new(),
        }
    }

    /// Adds a fact.
    #[must_use]
    pub fn note(mut self, text: impl Into<String>) -> Self {
        self.notes.push(text.into());
        self
    }

    /// Adds an advice.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help.push(text.into());
        self
    }
}

/// What to do about a finding of a rule where nothing is known that fits better.
pub(crate) fn advice(rule: &Rule) -> Option<&'static str> {
    match rule {
        it if *it == rule::DUPLICATE => Some("leave it out, or give it another name"),
        it if *it == rule::WRONG_KIND => Some("write the statement for what it is"),
        it if *it == rule::STILL_USED => Some("drop or change what uses it first"),
        it if *it == rule::BAD_FOREIGN_KEY => {
            Some("reference the columns of a primary or unique key, with their types")
        }
        it if UNKNOWN.contains(&it) => {
            Some("correct the name, or make it in this or an earlier migration")
        }
        _ => None,
    }
}

/// The rules about what is not there.
const UNKNOWN: [&Rule; 6] = [
    &rule::UNKNOWN_TABLE,
    &rule::UNKNOWN_COLUMN,
    &rule::UNKNOWN_INDEX,
    &rule::UNKNOWN_CONSTRAINT,
    &rule::UNKNOWN_TYPE,
    &rule::UNKNOWN_OBJECT,
];

/// Where an object was made.
#[derive(Clone, Debug)]
pub struct Origin {
    /// The script.
    pub source: Arc<SourceFile>,
    /// The place of its name.
    pub span: Span,
    /// The statement; empty where it is not known.
    pub statement: Span,
}

impl Origin {
    /// The text of the statement; `None` where it is not known.
    pub fn statement(&self) -> Option<&str> {
        let text = self
            .source
            .text
            .get(self.statement.start..self.statement.end)?;
        (!text.is_empty()).then_some(text)
    }
}
