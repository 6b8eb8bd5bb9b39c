//! SET NOT NULL that no CHECK proves.

use migrate_core::config::Product;
use migrate_core::{Diagnostic, rule};

use super::super::effect::Form;
use super::super::fix::{Fix, Later, Moved, Revert, Stage, unused_name};
use super::{Case, with_help};
use crate::change::{Change, ColumnChange, TableAction};

/// Since this version PostgreSQL takes the word of a CHECK.
const PROOF: [u32; 3] = [12, 0, 0];

pub(super) fn finding(case: &Case<'_>) -> Option<(Diagnostic, Option<Fix>)> {
    let effect = case.blocking(|effect| matches!(effect.form, Form::SetNotNull { .. }))?;
    let Form::SetNotNull { column } = &effect.form else {
        return None;
    };
    let message = format!(
        "looking for NULL in `{column}` keeps everybody away from {}",
        effect.table_name()
    );
    let finding = case.finding(&rule::BLOCKING_NOT_NULL, effect, message);
    if case.watch.is_older(Product::Postgres, PROOF) {
        return with_help(
            finding.note("before version 12 PostgreSQL looks even where a CHECK proves it"),
            None,
            &[
                "a CHECK (… IS NOT NULL) NOT VALID that is validated later does the same without the lock",
            ],
        );
    }
    with_help(
        finding.note(
            "from version 12 PostgreSQL does not look where a validated CHECK says that there is no NULL",
        ),
        proven(case, column),
        &[
            "first add a CHECK (… IS NOT NULL) NOT VALID; in a second migration VALIDATE it, then SET NOT NULL, then drop it",
        ],
    )
}

fn proven(case: &Case<'_>, column: &str) -> Option<Fix> {
    let (before, after) = case.tables?;
    let Change::AlterTable(alter) = case.change else {
        return None;
    };
    let is_it = |action: &TableAction| {
        matches!(action, TableAction::AlterColumn { name, change, .. }
            if name.name == column && **change == ColumnChange::SetNotNull)
    };
    let at = alter.actions.iter().position(is_it)?;
    let TableAction::AlterColumn { name, .. } = alter.actions.get(at)? else {
        return None;
    };
    let taken: Vec<&str> = before
        .constraint_names()
        .chain(after.constraint_names())
        .collect();
    let check = case.quoted(&unused_name(&format!("{column}_not_null"), &taken));
    let name = case.written(name.span)?;
    let clauses = case.clauses(alter)?;
    let head = clauses.head();
    let add = format!("ADD CONSTRAINT {check} CHECK ({name} IS NOT NULL) NOT VALID");
    let here = clauses.with(at, &add)?;
    let validate = format!("{head} VALIDATE CONSTRAINT {check}");
    let finish = vec![
        format!("{head} ALTER COLUMN {name} SET NOT NULL"),
        format!("{head} DROP CONSTRAINT {check}"),
    ];
    if !case.watch.is_transaction() {
        let mut all = vec![here, validate];
        all.extend(finish);
        return Some(Fix::here(all.join(";\n")));
    }
    let mut fix = Fix::here(here);
    fix.later = Some(Later {
        stage: Stage::Validate,
        work: vec![validate],
        finish,
        revert: Revert::By(vec![format!(
            "{head} ALTER COLUMN {name} DROP NOT NULL, {add}"
        )]),
    });
    fix.moved = vec![Moved::NotNull {
        column: column.to_owned(),
        instead: format!("DROP CONSTRAINT {check}"),
    }];
    Some(fix)
}
