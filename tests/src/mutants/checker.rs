//! What our own checks say of mutants.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use migrate_core::config::{Config, SetConfig};
use migrate_core::{Diagnostic, Direction, Level, rule};

use super::{MutableSet, Mutant};
use crate::corpora;

/// Checks a set with mistakes in it as the macro and `migrate check` do, in a copy of its folder.
pub struct Checker<'a> {
    set: &'a MutableSet,
    config: SetConfig,
    folder: tempfile::TempDir,
    /// What is found without a mistake, and how often.
    plain: BTreeMap<Finding, usize>,
}

/// What was found, without the line: a mistake moves lines.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// How much it weighs.
    pub level: Level,
    /// The rule's name.
    pub rule: &'static str,
    /// The script, below the set's folder.
    pub path: String,
    /// The message; where the way back is wrong, with what is wrong about it.
    pub message: String,
}

impl Finding {
    fn of(diagnostic: &Diagnostic) -> Self {
        let labelled = diagnostic.labels.first().map(|label| &label.source.path);
        let path = labelled.or(diagnostic.path.as_ref()).cloned();
        let mut message = diagnostic.message.clone();
        if diagnostic.rule == &rule::NOT_REVERTED {
            message = format!("{message}: {}", diagnostic.notes.join("; "));
        }
        Self {
            level: diagnostic.level,
            rule: diagnostic.rule.code,
            path: path.unwrap_or_default(),
            message,
        }
    }

    /// Whether it warns that the way down does not lead back.
    #[must_use]
    pub fn is_about_the_way_back(&self) -> bool {
        self.level >= Level::Warning && self.rule == rule::NOT_REVERTED.code
    }

    /// Whether it warns that a script is empty.
    #[must_use]
    pub fn is_about_emptiness(&self) -> bool {
        self.level >= Level::Warning && self.rule == rule::EMPTY_SCRIPT.code
    }
}

impl<'a> Checker<'a> {
    /// A checker of a set.
    ///
    /// # Panics
    /// Where the copy cannot be made.
    #[must_use]
    pub fn new(set: &'a MutableSet) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        corpora::copy(&set.dir, folder.path());
        let mut config =
            (Config::defaults(folder.path()).set(None)).expect("the defaults have a set");
        config.dir = folder.path().to_owned();
        config.dialect = Some(set.dialect());
        let owned = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        config.ignore = owned(set.source.ignore);
        config.functions = owned(set.source.functions);
        let mut checker = Self {
            set,
            config,
            folder,
            plain: BTreeMap::new(),
        };
        for finding in checker.check() {
            *checker.plain.entry(finding).or_default() += 1;
        }
        checker
    }

    /// What is found in the set as it is.
    pub fn plain(&self) -> impl Iterator<Item = &Finding> {
        self.plain.keys()
    }

    /// What is found in a mutant and not in the set as it is.
    ///
    /// # Panics
    /// Where the copy cannot be written.
    #[must_use]
    pub fn findings(&self, mutant: &Mutant) -> Vec<Finding> {
        let write = |direction, migration, text: &str| {
            let path = self
                .path(migration, direction)
                .expect("a script that there is");
            fs::write(path, text).expect("room for a script");
        };
        for edit in &mutant.edits {
            let script = mutant.script(self.set, edit.migration, edit.direction);
            write(
                edit.direction,
                edit.migration,
                &script.expect("a script that there is").text,
            );
        }
        let mut known = self.known(mutant);
        let found = self
            .check()
            .into_iter()
            .filter(|finding| match known.get_mut(finding) {
                Some(count) if *count > 0 => {
                    *count -= 1;
                    false
                }
                _ => true,
            });
        let found = found.collect();
        for edit in &mutant.edits {
            let script = self.set.script(edit.migration, edit.direction);
            write(
                edit.direction,
                edit.migration,
                &script.expect("a script that there is").text,
            );
        }
        found
    }

    /// What is found without the mistake, where it then stands: what is wrong with a migration goes
    /// with it when it changes places.
    fn known(&self, mutant: &Mutant) -> BTreeMap<Finding, usize> {
        if mutant.first() == mutant.last() {
            return self.plain.clone();
        }
        let shown = |migration, direction| {
            let script = self.set.script(migration, direction)?;
            Some(script.path.display().to_string())
        };
        let exchanged = |path: &str| {
            mutant.edits.iter().find_map(|edit| {
                let other = mutant.first() + mutant.last() - edit.migration;
                let here = shown(edit.migration, edit.direction)?;
                (here == path)
                    .then(|| shown(other, edit.direction))
                    .flatten()
            })
        };
        let moved = self.plain.iter().map(|(finding, count)| {
            let mut finding = finding.clone();
            finding.path = exchanged(&finding.path).unwrap_or(finding.path);
            (finding, *count)
        });
        moved.collect()
    }

    fn check(&self) -> Vec<Finding> {
        let loaded =
            migrate_sql::check::load(&self.config).expect("a configuration with a dialect");
        loaded.diagnostics.iter().map(Finding::of).collect()
    }

    fn path(&self, migration: usize, direction: Direction) -> Option<PathBuf> {
        let script = self.set.script(migration, direction)?;
        Some(self.folder.path().join(&script.path))
    }
}
