//! A statement that works while an earlier one's lock is held.

use migrate_core::{Diagnostic, rule};

use super::super::effect::{Form, Work};
use super::super::fix::Fix;
use super::super::lock::Blocked;
use super::{Case, constraint, with_help};

pub(super) fn finding(case: &Case<'_>) -> Option<(Diagnostic, Option<Fix>)> {
    let working = case
        .step
        .effects
        .iter()
        .find(|effect| effect.work != Work::Instant)?;
    // What blocks by itself has a finding of its own.
    if case
        .step
        .effects
        .iter()
        .any(|it| it.blocks_while_it_works() != Blocked::Nobody)
    {
        return None;
    }
    let held = case.step.held.iter();
    let (table, lock) = held.max_by_key(|(_, lock)| lock.blocks())?;
    let away = match lock.blocks() {
        Blocked::ReadsAndWrites => "everybody",
        _ => "writers",
    };
    let message = format!(
        "the lock of an earlier statement keeps {away} away from `{}` while {}",
        table.name,
        working.work.name()
    );
    let span = match working.span.start < working.span.end {
        true => working.span.into(),
        false => case.statement.clone(),
    };
    let finding = Diagnostic::new(&rule::WORK_UNDER_LOCK, message)
        .at(&case.script.source, span, "")
        .note(format!(
            "an earlier statement took {lock}, which is held until the migration commits"
        ));
    let fix = match &working.form {
        Form::Validate { constraint } => constraint::validated_later(case, constraint),
        _ => None,
    };
    match fix {
        Some(_) => with_help(
            finding.note("in the migration that adds a constraint NOT VALID gains nothing"),
            fix,
            &[],
        ),
        None => with_help(
            finding,
            None,
            &["move one of the two statements into a migration of its own"],
        ),
    }
}
