//! A foreign key that is checked at once.

use migrate_core::{Diagnostic, rule};

use super::super::effect::Form;
use super::super::fix::Fix;
use super::{Case, constraint, with_help};

pub(super) fn finding(case: &Case<'_>) -> Option<(Diagnostic, Option<Fix>)> {
    let effect = case.blocking(|effect| effect.form == Form::AddForeignKey)?;
    let message = format!(
        "checking the foreign key keeps writers away from {} and from the table that it references",
        effect.table_name()
    );
    with_help(
        case.finding(&rule::BLOCKING_FOREIGN_KEY, effect, message),
        constraint::not_valid(case, effect),
        &[
            "add it NOT VALID, and VALIDATE CONSTRAINT in a second migration, which keeps nobody away",
        ],
    )
}
