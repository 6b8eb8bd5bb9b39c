//! ADD COLUMN where each row gets a value of its own.

use migrate_core::{Diagnostic, rule};

use super::super::effect::Form;
use super::super::fix::Fix;
use super::{Case, with_help};
use crate::change::{Change, TableAction};

pub(super) fn finding(case: &Case<'_>) -> Option<(Diagnostic, Option<Fix>)> {
    let effect = case.blocking(|effect| matches!(effect.form, Form::AddColumn { .. }))?;
    let Form::AddColumn { column, reason } = &effect.form else {
        return None;
    };
    let message = format!(
        "adding `{column}` rewrites {} while everybody is kept away",
        effect.table_name()
    );
    let mut finding = case.finding(&rule::REWRITING_COLUMN, effect, message);
    finding.notes.extend(reason.clone());
    with_help(
        finding,
        default_later(case, column),
        &[
            "add the column without a default, then SET DEFAULT, which new rows get",
            "fill the old rows in batches, in a migration of its own",
        ],
    )
}

/// The column without its default, which only rows that come later get.
fn default_later(case: &Case<'_>, name: &str) -> Option<Fix> {
    let (_, after) = case.tables?;
    let Change::AlterTable(alter) = case.change else {
        return None;
    };
    let column = alter.actions.iter().find_map(|action| match action {
        TableAction::AddColumn {
            column,
            if_not_exists: false,
            ..
        } if column.name.name == name => Some(column),
        _ => None,
    })?;
    let default = column.default.as_ref()?;
    let takes_null = after
        .columns
        .iter()
        .any(|it| it.name == *name && it.nullable);
    let own_values =
        column.auto_increment || column.identity.is_some() || column.generated.is_some();
    if !takes_null || own_values {
        return None;
    }
    let text = case.text();
    let start = default.span.start.checked_sub(case.statement.start)?;
    let end = default.span.end.checked_sub(case.statement.start)?;
    let (before, rest) = (text.get(..start)?.trim_end(), text.get(end..)?);
    let keyword = before.len().checked_sub("default".len())?;
    let (before, word) = before.split_at_checked(keyword)?;
    if !word.eq_ignore_ascii_case("default") {
        return None;
    }
    let name = case.written(column.name.span)?;
    let value = case.written(default.span)?;
    let mut fix = Fix::here(format!(
        "{}{rest}, ALTER COLUMN {name} SET DEFAULT {value}",
        before.trim_end()
    ));
    fix.left = Some(format!(
        "rows that are there keep NULL in `{}`: fill them in batches, in a migration of its own",
        column.name
    ));
    fix.changes_rows = true;
    Some(fix)
}
