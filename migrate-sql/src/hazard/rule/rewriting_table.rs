//! Statements that only store something anew.

use migrate_core::config::Product;
use migrate_core::{Diagnostic, rule};

use super::super::effect::Form;
use super::super::fix::{Fix, Later, Revert, Stage, after_word, insert};
use super::{Case, with_help};
use crate::change::{Change, MaintenanceVerb};

pub(super) fn finding(case: &Case<'_>) -> Option<(Diagnostic, Option<Fix>)> {
    let effect = case.blocking(|effect| {
        matches!(
            effect.form,
            Form::Rewrite { .. } | Form::Refresh | Form::Reindex
        )
    })?;
    let (what, help) = match &effect.form {
        Form::Rewrite { what } => (
            what.as_str(),
            "do it while the table is small or the app is stopped, outside the migrations",
        ),
        Form::Refresh => (
            "REFRESH",
            "give the view a unique index and REFRESH MATERIALIZED VIEW CONCURRENTLY",
        ),
        _ => (
            "REINDEX",
            "REINDEX … CONCURRENTLY in a migration of its own with `-- migrate:no-transaction`",
        ),
    };
    let message = format!("{what} keeps everybody away from {}", effect.table_name());
    with_help(
        case.finding(&rule::REWRITING_TABLE, effect, message),
        reindex_concurrently(case),
        &[help],
    )
}

/// REINDEX CONCURRENTLY, which PostgreSQL has from version 12.
fn reindex_concurrently(case: &Case<'_>) -> Option<Fix> {
    let Change::Maintenance { verb, .. } = case.change else {
        return None;
    };
    let word = match verb {
        MaintenanceVerb::ReindexIndex => "index",
        MaintenanceVerb::ReindexTable => "table",
        _ => return None,
    };
    if case.watch.is_older(Product::Postgres, [12, 0, 0]) {
        return None;
    }
    let text = case.text();
    let statement = insert(text, after_word(text, word)?, " CONCURRENTLY")?;
    if !case.watch.is_transaction() {
        return Some(Fix::here(statement));
    }
    Some(Fix::later(Later {
        stage: Stage::Concurrently,
        work: vec![statement],
        finish: Vec::new(),
        revert: Revert::By(Vec::new()),
    }))
}
