//! DROP INDEX without CONCURRENTLY.

use migrate_core::{Diagnostic, rule};

use super::super::effect::Form;
use super::super::fix::{Fix, Later, Revert, Stage, after_word, insert};
use super::super::lock::{Lock, Mode};
use super::{Case, with_help};
use crate::change::Change;

pub(super) fn finding(case: &Case<'_>) -> Option<(Diagnostic, Option<Fix>)> {
    let effect = case.step.effects.iter().find(|effect| {
        effect.form == Form::DropIndex && effect.lock == Lock::Postgres(Mode::AccessExclusive)
    })?;
    let message = format!(
        "dropping the index waits for everybody who reads {}, and everybody else waits behind it",
        effect.table_name()
    );
    with_help(
        case.finding(&rule::LOCKING_DROP_INDEX, effect, message),
        concurrently(case),
        &["drop it CONCURRENTLY, in a migration of its own with `-- migrate:no-transaction`"],
    )
}

fn concurrently(case: &Case<'_>) -> Option<Fix> {
    let Change::Drop(drop) = case.change else {
        return None;
    };
    let [name] = drop.names.as_slice() else {
        return None;
    };
    let table = case.schema.table_of_index(name)?;
    let table = case.schema.table_by_id(&table)?;
    // Neither the index of a partitioned table nor what depends on one goes CONCURRENTLY.
    let plain = table.indexes.iter().any(|it| it.name == name.name.name);
    if drop.cascade || table.partition_by.is_some() || !plain {
        return None;
    }
    let text = case.text();
    let statement = insert(text, after_word(text, "index")?, " CONCURRENTLY")?;
    if !case.watch.is_transaction() {
        return Some(Fix::here(statement));
    }
    Some(Fix::later(Later {
        stage: Stage::Concurrently,
        work: vec![statement],
        finish: Vec::new(),
        revert: Revert::CreatingIndex(name.name.name.clone()),
    }))
}
