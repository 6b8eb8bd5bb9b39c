//! A foreign key that is checked at once.

use migrate_core::{Diagnostic, rule};

use super::super::effect::Form;
use super::Case;

pub(super) fn finding(case: &Case<'_>) -> Option<Diagnostic> {
    let effect = case.blocking(|effect| effect.form == Form::AddForeignKey)?;
    let message = format!(
        "checking the foreign key keeps writers away from {} and from the table that it references",
        effect.table_name()
    );
    let finding = case
        .finding(&rule::BLOCKING_FOREIGN_KEY, effect, message)
        .help("add it NOT VALID, and VALIDATE CONSTRAINT in a second migration, which keeps nobody away");
    Some(match case.with("NOT VALID") {
        Some(sql) => finding.help(format!("`{sql}`")),
        None => finding,
    })
}
