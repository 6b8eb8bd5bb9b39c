//! Statements that only store something anew.

use migrate_core::{Diagnostic, rule};

use super::super::effect::Form;
use super::Case;

pub(super) fn finding(case: &Case<'_>) -> Option<Diagnostic> {
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
    Some(
        case.finding(&rule::REWRITING_TABLE, effect, message)
            .help(help),
    )
}
