//! Findings out of what a change does. A statement gets one finding for each rule.

mod blocking_alter;
mod blocking_check;
mod blocking_domain;
mod blocking_foreign_key;
mod blocking_index;
mod blocking_key;
mod blocking_not_null;
mod blocking_partition;
mod breaking_rename;
mod breaking_trigger;
mod cascading_delete;
mod constraint;
mod destructive;
mod locking_drop_index;
mod long_write;
mod newer_than_server;
mod required_column;
mod rewriting_column;
mod rewriting_table;
mod rewriting_type;
mod several_locks;
#[cfg(test)]
mod tests;
mod types;
mod work_under_lock;

use std::ops::Range;

use migrate_core::lex::{Lexer, unquote};
use migrate_core::{Diagnostic, Dialect, Rule, ScriptFile};

use super::effect::{Effect, Work};
use super::fix::{Clauses, Fix};
use super::lock::{Blocked, Lock};
use super::watch::{Step, Watch};
use crate::change::{AlterTable, Change, ColumnDefinition, Dml, TableAction};
use crate::name::ObjectName;
use crate::quoting::quoted;
use crate::schema::{ObjectId, Place, Schema, Table};

/// A change, and what it does.
#[derive(Clone, Copy, Debug)]
struct Case<'a> {
    change: &'a Change,
    step: &'a Step,
    watch: &'a Watch,
    /// The schema before it.
    schema: &'a Schema,
    script: &'a ScriptFile,
    /// The statement in the script.
    statement: &'a Range<usize>,
    /// Whether it is the first change of its statement.
    is_first: bool,
    /// The table that it is about, before it and after it, where both are known for certain.
    tables: Option<(&'a Table, &'a Table)>,
}

/// A finding, and how to do without what it found.
#[derive(Clone, Debug)]
pub(crate) struct Hazard {
    /// The finding.
    pub(crate) diagnostic: Diagnostic,
    /// The form that keeps nobody away, where it can be derived.
    pub(crate) fix: Option<Fix>,
    /// The statement in its script.
    pub(crate) statement: Range<usize>,
    /// The tables that it touches.
    pub(crate) tables: Vec<ObjectId>,
}

/// What one rule says of a case.
type Finding = fn(&Case<'_>) -> Option<(Diagnostic, Option<Fix>)>;

const RULES: [Finding; 26] = [
    blocking_alter::finding,
    blocking_check::finding,
    blocking_domain::finding,
    blocking_foreign_key::finding,
    blocking_index::finding,
    blocking_key::finding,
    blocking_not_null::finding,
    blocking_partition::finding,
    breaking_rename::finding,
    breaking_trigger::finding,
    cascading_delete::finding,
    destructive::finding,
    locking_drop_index::finding,
    long_write::finding,
    newer_than_server::finding,
    required_column::finding,
    rewriting_column::finding,
    rewriting_table::finding,
    rewriting_type::finding,
    several_locks::finding,
    types::char,
    types::int_key,
    types::json,
    types::serial,
    types::timestamp,
    work_under_lock::finding,
];

/// What the next change of a migration does, and what is risky about it; it stands in this statement
/// of its script. The schema stays as it is.
pub(crate) fn findings(
    watch: &mut Watch,
    change: &Change,
    schema: &mut Schema,
    script: &ScriptFile,
    statement: Range<usize>,
    is_first: bool,
) -> (Step, Vec<Hazard>) {
    let step = watch.step(change, schema);
    let tables = tables(&step, change, schema, script, &statement);
    let case = Case {
        change,
        step: &step,
        watch,
        schema,
        script,
        statement: &statement,
        is_first,
        tables: tables.as_ref().map(|(before, after)| (before, after)),
    };
    let hazards = RULES
        .iter()
        .filter_map(|rule| rule(&case))
        .map(|(diagnostic, fix)| Hazard {
            diagnostic,
            fix,
            statement: statement.clone(),
            tables: step
                .effects
                .iter()
                .filter_map(|it| it.table.clone())
                .collect(),
        })
        .collect();
    (step, hazards)
}

/// The first table on which a statement works, before it and after it.
fn tables(
    step: &Step,
    change: &Change,
    schema: &mut Schema,
    script: &ScriptFile,
    statement: &Range<usize>,
) -> Option<(Table, Table)> {
    let mut effects = step.effects.iter();
    let works = effects.find(|effect| effect.work > Work::Rows && effect.table.is_some())?;
    let id = works.table.as_ref()?;
    if !schema.is_certain(id) {
        return None;
    }
    let before = schema.table_by_id(id)?.clone();
    schema.begin();
    let place = Place {
        source: &script.source,
        statement: statement.clone().into(),
    };
    let refused = !schema.apply(change, place).is_empty();
    let after = schema
        .is_certain(id)
        .then(|| schema.table_by_id(id).cloned());
    schema.rollback();
    match refused {
        true => None,
        false => Some((before, after??)),
    }
}

impl<'a> Case<'a> {
    /// Whether a table was there before the migration.
    fn is_old(&self, name: &ObjectName) -> bool {
        let id = self.schema.likely_relation(name);
        id.is_some_and(|id| !self.watch.is_new(&id))
    }

    /// Whether a table that has got another name was there before the migration.
    fn is_old_before(&self, from: &ObjectName, to: &ObjectName) -> bool {
        let id = self.schema.likely_relation(from);
        id.is_some_and(|mut id| {
            id.name.name.clone_from(&to.name.name);
            !self.watch.is_new(&id)
        })
    }

    /// Whether the migration has emptied a table.
    fn is_emptied(&self, name: &ObjectName) -> bool {
        let id = self.schema.likely_relation(name);
        id.is_some_and(|id| self.watch.is_emptied(&id))
    }

    /// Whether a statement writes only columns that the migration has added.
    fn fills_new_columns(&self, dml: &Dml) -> bool {
        let target = dml.target.as_ref();
        let Some(table) = target.and_then(|it| self.schema.likely_relation(it)) else {
            return false;
        };
        let mut columns = dml.columns.iter();
        !dml.columns.is_empty() && columns.all(|it| self.watch.has_added(&table, &it.name))
    }

    /// What follows the statement in its script.
    fn rest(&self) -> &'a str {
        self.script
            .text
            .get(self.statement.end..)
            .unwrap_or_default()
    }

    /// The clauses of an ALTER TABLE.
    fn clauses(&self, alter: &AlterTable) -> Option<Clauses<'a>> {
        Clauses::of(alter, self.text(), self.statement.start)
    }

    /// A name as SQL needs it.
    fn quoted(&self, name: &str) -> String {
        quoted(name, self.schema.dialect())
    }

    /// A piece of the script as it is written.
    fn written(&self, span: crate::name::Span) -> Option<&'a str> {
        self.script.text.get(span.start..span.end)
    }

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
            Blocked::Writes => "nobody writes to it",
            Blocked::Nobody => "nobody is kept away",
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
}

/// The finding with the help that its fix gives, or else with another one.
fn with_help(
    mut finding: Diagnostic,
    fix: Option<Fix>,
    otherwise: &[&str],
) -> Option<(Diagnostic, Option<Fix>)> {
    match &fix {
        Some(fix) => finding.help.extend(fix.help()),
        None => finding
            .help
            .extend(otherwise.iter().map(|it| (*it).to_owned())),
    }
    Some((finding, fix))
}

/// The columns that a change adds.
fn columns(change: &Change) -> impl Iterator<Item = &ColumnDefinition> {
    let (created, added) = match change {
        Change::CreateTable(create) => (Some(&create.columns), None),
        Change::AlterTable(alter) => (None, Some(&alter.actions)),
        _ => (None, None),
    };
    let added = added
        .into_iter()
        .flatten()
        .filter_map(|action| match action {
            TableAction::AddColumn { column, .. } => Some(column),
            _ => None,
        });
    created.into_iter().flatten().chain(added)
}

/// Whether something in a text gets a name: `RENAME TO name`.
fn is_renamed_to(text: &str, name: &str, dialect: Dialect) -> bool {
    let mut before = [String::new(), String::new()];
    for token in Lexer::new(text, dialect).filter(|token| !token.kind.is_trivia()) {
        let word = unquote(token.text(text));
        let [first, second] = &before;
        let renames = first.eq_ignore_ascii_case("rename") && second.eq_ignore_ascii_case("to");
        if renames && word.eq_ignore_ascii_case(name) {
            return true;
        }
        before = [std::mem::take(&mut before[1]), word];
    }
    false
}
