//! CREATE INDEX without CONCURRENTLY.

use migrate_core::{Diagnostic, rule};

use super::super::effect::Form;
use super::super::fix::{Fix, Later, Moved, Revert, Stage, after_word, insert, new_index};
use super::{Case, with_help};
use crate::change::Change;

pub(super) fn finding(case: &Case<'_>) -> Option<(Diagnostic, Option<Fix>)> {
    let effect = case.blocking(|effect| effect.form == Form::CreateIndex)?;
    let message = format!(
        "building the index keeps writers away from {}",
        effect.table_name()
    );
    with_help(
        case.finding(&rule::BLOCKING_INDEX, effect, message),
        concurrently(case),
        &["build it CONCURRENTLY, in a migration of its own with `-- migrate:no-transaction`"],
    )
}

fn concurrently(case: &Case<'_>) -> Option<Fix> {
    let Change::CreateIndex(index) = case.change else {
        return None;
    };
    let (before, after) = case.tables?;
    // A partitioned table takes no index CONCURRENTLY.
    if before.partition_by.is_some() {
        return None;
    }
    let mut words = " CONCURRENTLY".to_owned();
    let name = match &index.name {
        Some(name) => name.name.clone(),
        None => {
            // Without a name nobody could find the remains of one that failed.
            let name = new_index(before, after)?;
            words.push(' ');
            words.push_str(&case.quoted(&name));
            name
        }
    };
    let text = case.text();
    let statement = insert(text, after_word(text, "index")?, &words)?;
    if !case.watch.is_transaction() {
        return Some(Fix::here(statement));
    }
    let schema = index.table.as_ref().and_then(|table| table.schema.as_ref());
    let dropped = match schema {
        Some(schema) => format!("{}.{}", case.written(schema.span)?, case.quoted(&name)),
        None => case.quoted(&name),
    };
    Some(Fix {
        moved: vec![Moved::Index(name)],
        loosens: index.unique,
        ..Fix::later(Later {
            stage: Stage::Concurrently,
            work: vec![statement],
            finish: Vec::new(),
            revert: Revert::By(vec![format!("DROP INDEX CONCURRENTLY {dropped}")]),
        })
    })
}
