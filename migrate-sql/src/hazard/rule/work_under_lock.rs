//! A statement that works while an earlier one's lock is held.

use migrate_core::{Diagnostic, rule};

use super::super::effect::{Form, Work};
use super::super::lock::Blocked;
use super::Case;

pub(super) fn finding(case: &Case<'_>) -> Option<Diagnostic> {
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
    let validates = match (&working.form, &working.table) {
        (Form::Validate { constraint }, Some(table)) => {
            case.watch.added_not_valid(table, constraint)
        }
        _ => false,
    };
    Some(match validates {
        true => finding
            .help("VALIDATE in a migration of its own: in the same one NOT VALID gains nothing"),
        false => finding.help("move one of the two statements into a migration of its own"),
    })
}
