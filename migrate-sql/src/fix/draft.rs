//! One migration while it is written anew.

use std::ops::Range;

use migrate_core::{CheckContext, Diagnostic, Direction, ScriptFile, SourceMigration};

use super::{NewMigration, Rewriting, down};
use crate::change::{Change, DmlVerb, Touches};
use crate::check::script;
use crate::dialect::{self, Parsed};
use crate::hazard::fix::{Fix, Revert, Stage};
use crate::hazard::{Hazard, Watch};
use crate::schema::Schema;

/// A migration, and those that are to follow it.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    pub(super) migration: SourceMigration,
    concurrently: Steps,
    validate: Steps,
    dialect: migrate_core::Dialect,
    up_changed: bool,
    down_changed: bool,
    fixed: Vec<Diagnostic>,
    left: Vec<String>,
}

/// The statements of a migration that is to be made.
#[derive(Clone, Debug, Default)]
struct Steps {
    work: Vec<String>,
    finish: Vec<String>,
    revert: Vec<String>,
}

impl Steps {
    fn is_empty(&self) -> bool {
        self.work.is_empty() && self.finish.is_empty()
    }
}

const NO_TRANSACTION: &str = "-- migrate:no-transaction\n";

impl Draft {
    pub(super) fn of(migration: &SourceMigration, context: CheckContext<'_>) -> Self {
        Draft {
            migration: migration.clone(),
            concurrently: Steps::default(),
            validate: Steps::default(),
            dialect: context.dialect,
            up_changed: false,
            down_changed: false,
            fixed: Vec::new(),
            left: Vec::new(),
        }
    }

    /// The same migration outside a transaction.
    pub(super) fn outside_a_transaction(&self) -> Option<Self> {
        let mut draft = self.clone();
        let text = format!("{NO_TRANSACTION}{}", self.migration.up.source.text);
        draft.set_file(Direction::Up, text)?;
        (!draft.migration.up.transaction).then_some(draft)
    }

    /// Whether anything was followed.
    pub(super) fn is_rewritten(&self) -> bool {
        !self.fixed.is_empty()
    }

    pub(super) fn has_stages(&self) -> bool {
        !self.concurrently.is_empty() || !self.validate.is_empty()
    }

    /// Whether nothing is left of the script but what runs outside a transaction.
    pub(super) fn is_only_concurrent(&self) -> bool {
        self.migration.up.split.statements.is_empty()
            && !self.concurrently.is_empty()
            && self.validate.is_empty()
    }

    /// What is risky about it.
    pub(super) fn hazards(&self, before: &Schema, context: CheckContext<'_>) -> Vec<Hazard> {
        let watch = Watch::new(context.server, self.migration.up.transaction);
        let mut schema = before.clone();
        script::watched(&self.migration.up, &mut schema, Some(watch)).hazards
    }

    /// The text of the statement that a hazard is about.
    pub(super) fn statement(&self, hazard: &Hazard) -> String {
        let text = self.migration.up.text.get(hazard.statement.clone());
        text.unwrap_or_default().to_owned()
    }

    /// The draft after the advice of a rule; or why it does not fit.
    pub(super) fn follow(&self, hazard: &Hazard) -> Result<Draft, String> {
        let Some(fix) = &hazard.fix else {
            return Err("no other form is known".to_owned());
        };
        self.nothing_in_the_way(hazard, fix)?;
        let mut draft = self.clone();
        let span = hazard.statement.clone();
        let text = &self.migration.up.source.text;
        let text = match &fix.here {
            Some(statement) => replaced(text, span, statement),
            None => removed(text, &self.migration.up, span),
        };
        let text = text.ok_or("the statement is not where it was")?;
        draft
            .set_file(Direction::Up, text)
            .ok_or("the file would not hold the script any more")?;
        draft.up_changed = true;
        for moved in &fix.moved {
            draft.revert_differently(moved)?;
        }
        if let Some(later) = &fix.later {
            let revert = match &later.revert {
                Revert::By(statements) => statements.clone(),
                Revert::CreatingIndex(index) => vec![draft.take_creation(index)?],
            };
            let steps = match later.stage {
                Stage::Concurrently => &mut draft.concurrently,
                Stage::Validate => &mut draft.validate,
            };
            steps.work.extend(later.work.iter().cloned());
            steps.finish.extend(later.finish.iter().cloned());
            // What was done last is undone first.
            steps.revert.splice(0..0, revert);
        }
        draft.left.extend(fix.left.clone());
        draft.fixed.push(hazard.diagnostic.clone());
        Ok(draft)
    }

    /// What follows the statement in its script must not depend on what is done later.
    fn nothing_in_the_way(&self, hazard: &Hazard, fix: &Fix) -> Result<(), String> {
        let up = &self.migration.up;
        let after = up
            .split
            .statements
            .iter()
            .enumerate()
            .filter(|(_, statement)| statement.span.start >= hazard.statement.end);
        for (index, statement) in after {
            let parsed =
                dialect::parse(statement.text(&up.text), statement.span.start, self.dialect);
            let Parsed::Changes(changes) = parsed else {
                return Err("a later statement of the script cannot be read".to_owned());
            };
            for change in &changes {
                match change {
                    _ if up.is_opaque(index) => {
                        return Err("a later statement of the script is opaque".to_owned());
                    }
                    Change::Opaque(opaque) if opaque.touches != Touches::Nothing => {
                        return Err(format!(
                            "a later statement of the script cannot be followed: {}",
                            opaque.reason
                        ));
                    }
                    Change::Dml(_) if fix.changes_rows => {
                        return Err(
                            "a later statement of the script may need the values of the column"
                                .to_owned(),
                        );
                    }
                    Change::Dml(dml)
                        if fix.loosens && matches!(dml.verb, DmlVerb::Insert | DmlVerb::Merge) =>
                    {
                        return Err(
                            "a later statement of the script writes rows that the key is to hold"
                                .to_owned(),
                        );
                    }
                    _ => {}
                }
            }
        }
        Ok(())
    }

    fn revert_differently(&mut self, moved: &crate::hazard::fix::Moved) -> Result<(), String> {
        let Some(script) = &self.migration.down else {
            return Ok(());
        };
        let Some(text) = down::without(script, moved, self.dialect) else {
            return Ok(());
        };
        self.set_down(text)
    }

    /// Takes the statement that makes an index out of the down script, in its form without a lock.
    fn take_creation(&mut self, index: &str) -> Result<String, String> {
        let found = self
            .migration
            .down
            .as_ref()
            .and_then(|script| down::creation(script, index, self.dialect));
        let Some((statement, text)) = found else {
            return Err(format!(
                "the down script does not make the index `{index}` again"
            ));
        };
        self.set_down(text)?;
        Ok(statement)
    }

    fn set_down(&mut self, text: String) -> Result<(), String> {
        self.set_file(Direction::Down, text)
            .ok_or("the file would not hold the down script any more")?;
        self.down_changed = true;
        let is_empty = |script: &ScriptFile| script.split.statements.is_empty();
        if self.migration.down.as_ref().is_some_and(is_empty) {
            let down = self.migration.down.as_ref();
            let text = down.map(|script| script.source.text.clone());
            let at = down.map_or(0, |script| {
                script.text.len() - script.text.trim_start().len()
            });
            let text = text.and_then(|text| {
                let (before, after) = text.split_at_checked(self.after_marker(at, &text))?;
                Some(format!("{before}{}{after}", allow_empty(REVERTED_LATER)))
            });
            text.and_then(|text| self.set_file(Direction::Down, text))
                .ok_or("the file would not hold the down script any more")?;
        }
        Ok(())
    }

    /// Where a directive of the down script can stand: at its begin, after the line that opens its
    /// section.
    fn after_marker(&self, at: usize, text: &str) -> usize {
        match self.shares_a_file() {
            false => 0,
            true => text
                .get(at..)
                .and_then(|rest| rest.find('\n'))
                .map_or(text.len(), |end| at + end + 1),
        }
    }

    fn shares_a_file(&self) -> bool {
        let up = &self.migration.up.source.path;
        let down = self.migration.down.as_ref();
        down.is_some_and(|down| down.source.path == *up)
    }

    /// Gives the file of a script another text.
    fn set_file(&mut self, direction: Direction, text: String) -> Option<()> {
        let both = self.shares_a_file();
        let dialect = self.dialect;
        if direction == Direction::Up || both {
            self.migration.up = self.migration.up.with_text(text.clone(), dialect)?;
        }
        if (direction == Direction::Down || both)
            && let Some(down) = &self.migration.down
        {
            self.migration.down = Some(down.with_text(text, dialect)?);
        }
        let whole = |script: &ScriptFile| script.problems.is_empty();
        (whole(&self.migration.up) && self.migration.down.iter().all(whole)).then_some(())
    }

    /// The migration and those after it, as they would be read.
    pub(super) fn migrations(&self) -> Vec<SourceMigration> {
        let mut all = vec![self.migration.clone()];
        for new in self.new_migrations() {
            let script = |direction, text: &str| {
                ScriptFile::of_text(direction, &new.name, text, self.dialect)
            };
            all.push(SourceMigration {
                version: self.migration.version.clone(),
                up: script(Direction::Up, &new.up),
                down: new
                    .down
                    .as_deref()
                    .map(|text| script(Direction::Down, text)),
                name: new.name,
                irreversible: false,
                vouched: false,
            });
        }
        all
    }

    fn new_migrations(&self) -> Vec<NewMigration> {
        let named = |suffix: &str| format!("{}_{suffix}", self.migration.name);
        let has_down = self.migration.down.is_some() || self.migration.irreversible;
        let mut new = Vec::new();
        for (steps, suffix, head) in [
            (&self.concurrently, "concurrently", NO_TRANSACTION),
            (&self.validate, "validate", ""),
        ] {
            if steps.is_empty() {
                continue;
            }
            let up = statements(steps.work.iter().chain(&steps.finish));
            let down = match steps.revert.is_empty() {
                true => allow_empty(NOTHING_TO_REVERT),
                false => format!("{head}{}", statements(steps.revert.iter())),
            };
            new.push(NewMigration {
                name: named(suffix),
                up: format!("{head}{up}"),
                down: has_down.then_some(down),
            });
        }
        new
    }

    /// What is to be written; `None` where nothing changes.
    pub(super) fn finish(self) -> Option<Rewriting> {
        if !self.is_rewritten() {
            return None;
        }
        let shared = self.shares_a_file();
        let down = self
            .migration
            .down
            .as_ref()
            .filter(|_| !shared && self.down_changed);
        let changed = self.up_changed || (shared && self.down_changed);
        Some(Rewriting {
            migration: 0,
            up: changed.then(|| self.migration.up.source.text.clone()),
            down: down.map(|script| script.source.text.clone()),
            new: self.new_migrations(),
            fixed: self.fixed,
            left: self.left,
        })
    }
}

const NOTHING_TO_REVERT: &str = "there is nothing to revert";
const REVERTED_LATER: &str = "the migration after this one reverts what moved there";

fn allow_empty(reason: &str) -> String {
    format!("-- migrate:allow empty-script {reason}\n")
}

fn statements<'a>(all: impl Iterator<Item = &'a String>) -> String {
    all.map(|statement| format!("{statement};\n")).collect()
}

/// The text with another statement in the place of one.
pub(super) fn replaced(text: &str, span: Range<usize>, statement: &str) -> Option<String> {
    let (before, after) = (text.get(..span.start)?, text.get(span.end..)?);
    Some(format!("{before}{statement}{after}"))
}

/// The text without a statement, its terminator, and its line where nothing else is on it.
pub(super) fn removed(text: &str, script: &ScriptFile, span: Range<usize>) -> Option<String> {
    let mut statements = script.split.statements.iter();
    let statement = statements.find(|it| it.span == span)?;
    let end = statement.terminator.as_ref().map_or(span.end, |it| it.end);
    let (before, after) = (text.get(..span.start)?, text.get(end..)?);
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    let line_end = after.find('\n').map_or(after.len(), |at| at + 1);
    let (indent, rest) = (before.get(line_start..)?, after.get(..line_end)?);
    let alone = indent.trim().is_empty() && rest.trim().is_empty();
    Some(match alone {
        true => format!("{}{}", before.get(..line_start)?, after.get(line_end..)?),
        false => format!("{before}{after}"),
    })
}
