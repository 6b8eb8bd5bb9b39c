//! Levels that differ from the rules' own.

use crate::diagnostic::{Diagnostic, Level};
use crate::rule::{self, Rule};

/// The configured levels of rules.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Levels(Vec<(&'static Rule, Level)>);

/// A level cannot be set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BadLevel {
    /// No rule has that code.
    #[error("there is no rule `{code}`")]
    UnknownRule {
        /// What was written.
        code: String,
    },
    /// The rule's level is fixed.
    #[error(
        "the level of `{code}` cannot be changed, because nothing can be done with a migration that it finds"
    )]
    Fixed {
        /// The rule.
        code: &'static str,
    },
}

impl Levels {
    /// The level of a rule: the configured one, or the rule's own.
    pub fn of(&self, rule: &'static Rule) -> Level {
        self.0
            .iter()
            .find(|(known, _)| *known == rule)
            .map_or(rule.level, |(_, level)| *level)
    }

    /// Sets the level of the rule with that code.
    ///
    /// # Errors
    /// [`BadLevel`] where there is no such rule, or its level is fixed.
    pub fn set(&mut self, code: &str, level: Level) -> Result<(), BadLevel> {
        let rule = rule::find(code).ok_or_else(|| BadLevel::UnknownRule {
            code: code.to_owned(),
        })?;
        if !rule.configurable {
            return Err(BadLevel::Fixed { code: rule.code });
        }
        self.0.retain(|(known, _)| *known != rule);
        self.0.push((rule, level));
        self.0.sort_by_key(|(rule, _)| rule.code);
        Ok(())
    }

    /// Gives findings their levels and drops those that are off.
    pub fn apply(&self, diagnostics: &mut Vec<Diagnostic>) {
        for finding in diagnostics.iter_mut() {
            finding.level = self.of(finding.rule);
        }
        diagnostics.retain(|finding| finding.level != Level::Off);
    }

    /// The codes and levels that are set, sorted by code.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, Level)> {
        self.0.iter().map(|(rule, level)| (rule.code, *level))
    }

    /// These levels, with those of `over` laid on top.
    #[must_use]
    pub(crate) fn overlaid(&self, over: &Levels) -> Levels {
        let mut all = over.clone();
        let missing = self
            .0
            .iter()
            .filter(|(rule, _)| !over.0.iter().any(|(other, _)| other == rule));
        all.0.extend(missing);
        all.0.sort_by_key(|(rule, _)| rule.code);
        all
    }
}
