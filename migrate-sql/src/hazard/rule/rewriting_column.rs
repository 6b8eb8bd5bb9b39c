//! ADD COLUMN where each row gets a value of its own.

use migrate_core::{Diagnostic, rule};

use super::super::effect::Form;
use super::{Case, quoted, table};

pub(super) fn finding(case: &Case<'_>) -> Option<Diagnostic> {
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
    let (table, name) = (table(effect), quoted(column));
    Some(
        finding
            .help(format!(
                "add `{name}` without a default; then `ALTER TABLE {table} ALTER COLUMN {name} SET DEFAULT …`, which new rows get"
            ))
            .help("fill the old rows in batches, in a migration of its own"),
    )
}
