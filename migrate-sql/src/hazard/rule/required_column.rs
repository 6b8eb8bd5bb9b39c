//! A NOT NULL column without a default on a table that may have rows.

use migrate_core::{Diagnostic, Dialect, rule};

use super::super::fix::Fix;
use super::{Case, columns};
use crate::change::{Change, ColumnDefinition, ConstraintKind};

pub(super) fn finding(case: &Case<'_>) -> Option<(Diagnostic, Option<Fix>)> {
    let Change::AlterTable(alter) = case.change else {
        return None;
    };
    // SQLite refuses such a column whatever rows there are.
    let dialect = case.schema.dialect();
    if dialect == Dialect::Sqlite || !case.is_old(&alter.name) || case.is_emptied(&alter.name) {
        return None;
    }
    let column = columns(case.change).find(|column| is_required(column, case))?;
    let (message, help) = match dialect {
        Dialect::Postgres => (
            format!(
                "column `{}` takes no NULL and has no default, so this fails where `{}` has rows",
                column.name, alter.name
            ),
            "add it without NOT NULL, fill it, and SET NOT NULL in a later migration; or give it a default",
        ),
        _ => (
            format!(
                "column `{}` takes no NULL and has no default, so the rows of `{}` get zero or an empty string",
                column.name, alter.name
            ),
            "give it a default that means something, or fill it before it is NOT NULL",
        ),
    };
    let finding = Diagnostic::new(&rule::REQUIRED_COLUMN, message)
        .at(&case.script.source, column.span.into(), "")
        .help(help);
    Some((finding, None))
}

fn is_required(column: &ColumnDefinition, case: &Case<'_>) -> bool {
    let in_key = column
        .constraints
        .iter()
        .any(|it| matches!(it.kind, ConstraintKind::PrimaryKey { .. }));
    let has_value = column.default.is_some()
        || column.auto_increment
        || column.identity.is_some()
        || column.generated.is_some()
        // A domain may have a default.
        || column.column_type.as_ref().and_then(|it| case.schema.domain(it)).is_some();
    (column.nullable == Some(false) || in_key) && !has_value
}
