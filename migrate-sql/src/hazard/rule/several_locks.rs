//! Locks on one table after the other in one transaction.

use migrate_core::{Diagnostic, rule};

use super::super::effect::Form;
use super::super::fix::Fix;
use super::super::lock::{Blocked, Lock};
use super::Case;

pub(super) fn finding(case: &Case<'_>) -> Option<(Diagnostic, Option<Fix>)> {
    let effect = case.step.effects.iter().find(|effect| {
        let known = effect
            .table
            .as_ref()
            .is_some_and(|it| case.step.held.contains_key(it));
        matches!(effect.lock, Lock::Postgres(_))
            && effect.lock.blocks() != Blocked::Nobody
            // What a statement takes besides its own table cannot be had apart.
            && effect.form != Form::Referenced
            && !known
    })?;
    let (held, _) = case.step.held.iter().next()?;
    let lock = effect.lock;
    let message = format!(
        "the migration waits for {lock} on {} while it keeps others away from `{}`",
        effect.table_name(),
        held.name
    );
    let span = match effect.span.start < effect.span.end {
        true => effect.span.into(),
        false => case.statement.clone(),
    };
    let finding = Diagnostic::new(&rule::SEVERAL_LOCKS, message)
        .at(&case.script.source, span, "")
        .note("who takes the same two locks in the other order makes a deadlock")
        .help("change each table in a migration of its own");
    Some((finding, None))
}
