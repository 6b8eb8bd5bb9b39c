//! A CHECK that is checked at once.

use migrate_core::{Diagnostic, rule};

use super::super::effect::Form;
use super::Case;

pub(super) fn finding(case: &Case<'_>) -> Option<Diagnostic> {
    let effect = case.blocking(|effect| effect.form == Form::AddCheck)?;
    let message = format!(
        "checking all rows keeps everybody away from {}",
        effect.table_name()
    );
    let finding = case.finding(&rule::BLOCKING_CHECK, effect, message).help(
        "add it NOT VALID, and VALIDATE CONSTRAINT in a second migration, which keeps nobody away",
    );
    Some(match case.with("NOT VALID") {
        Some(sql) if sql.to_ascii_uppercase().contains("ADD CONSTRAINT") => {
            finding.help(format!("`{sql}`"))
        }
        _ => finding,
    })
}
