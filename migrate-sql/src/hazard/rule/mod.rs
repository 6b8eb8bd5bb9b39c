//! Findings out of what a change does. A statement gets one finding for each rule.

mod blocking_alter;
mod blocking_check;
mod blocking_domain;
mod blocking_foreign_key;
mod blocking_index;
mod blocking_key;
mod blocking_not_null;
mod blocking_partition;
mod rewriting_column;
mod rewriting_table;
mod rewriting_type;
#[cfg(test)]
mod tests;
mod work_under_lock;

use std::ops::Range;

use migrate_core::{Diagnostic, Rule, ScriptFile};

use super::effect::Effect;
use super::lock::{Blocked, Lock};
use super::watch::{Step, Watch};
use crate::change::Change;
use crate::schema::Schema;

/// A change, and what it does.
#[derive(Clone, Copy, Debug)]
struct Case<'a> {
    step: &'a Step,
    watch: &'a Watch,
    script: &'a ScriptFile,
    /// The statement in the script.
    statement: &'a Range<usize>,
}

/// What one rule says of a case.
type Finding = fn(&Case<'_>) -> Option<Diagnostic>;

const RULES: [Finding; 12] = [
    blocking_alter::finding,
    blocking_check::finding,
    blocking_domain::finding,
    blocking_foreign_key::finding,
    blocking_index::finding,
    blocking_key::finding,
    blocking_not_null::finding,
    blocking_partition::finding,
    rewriting_column::finding,
    rewriting_table::finding,
    rewriting_type::finding,
    work_under_lock::finding,
];

/// What is risky about the next change of a migration, which stands in this statement of its script.
pub(crate) fn findings(
    watch: &mut Watch,
    change: &Change,
    before: &Schema,
    script: &ScriptFile,
    statement: Range<usize>,
) -> Vec<Diagnostic> {
    let step = watch.step(change, before);
    let case = Case {
        step: &step,
        watch,
        script,
        statement: &statement,
    };
    RULES.iter().filter_map(|rule| rule(&case)).collect()
}

impl<'a> Case<'a> {
    /// The first effect on PostgreSQL that keeps somebody away while it works, and that is asked for.
    fn blocking(&self, is_it: impl Fn(&Effect) -> bool) -> Option<&'a Effect> {
        self.step.effects.iter().find(|effect| {
            matches!(effect.lock, Lock::Postgres(_))
                && effect.blocks_while_it_works() != Blocked::Nobody
                && is_it(effect)
        })
    }

    /// A finding at the clause, with the lock and the work.
    fn finding(&self, rule: &'static Rule, effect: &Effect, message: String) -> Diagnostic {
        let held = match (effect.lock, self.watch.is_transaction()) {
            (Lock::Postgres(_), true) => ", held until the migration commits",
            _ => "",
        };
        let kept_away = match effect.lock.blocks() {
            Blocked::ReadsAndWrites => "nobody reads or writes it",
            _ => "nobody writes to it",
        };
        let lock = effect.lock;
        let table = effect.table_name();
        let work = effect.work.name();
        let span = match effect.span.start < effect.span.end {
            true => effect.span.into(),
            false => self.statement.clone(),
        };
        Diagnostic::new(rule, message)
            .at(&self.script.source, span, "")
            .note(format!(
                "it takes {lock} on {table}{held}: {kept_away} while {work}"
            ))
    }

    /// The statement as it is written.
    fn text(&self) -> &'a str {
        let text = self.script.text.get(self.statement.clone());
        text.unwrap_or_default()
    }

    /// The statement with words at its end, where it is a single clause.
    fn with(&self, words: &str) -> Option<String> {
        let actions = self.step.effects.len();
        (actions <= 2 && !self.text().contains('\n')).then(|| format!("{} {words}", self.text()))
    }
}

/// A name as SQL needs it.
fn quoted(name: &str) -> String {
    let plain = name
        .chars()
        .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    match plain {
        true => name.to_owned(),
        false => format!("\"{}\"", name.replace('"', "\"\"")),
    }
}

/// The table of an effect as SQL needs it.
fn table(effect: &Effect) -> String {
    match &effect.table {
        Some(id) => match &id.name.schema {
            Some(schema) => format!("{}.{}", quoted(schema), quoted(&id.name.name)),
            None => quoted(&id.name.name),
        },
        None => String::new(),
    }
}
