//! A CHECK that is checked at once.

use migrate_core::{Diagnostic, rule};

use super::super::effect::Form;
use super::super::fix::Fix;
use super::{Case, constraint, with_help};

pub(super) fn finding(case: &Case<'_>) -> Option<(Diagnostic, Option<Fix>)> {
    let effect = case.blocking(|effect| effect.form == Form::AddCheck)?;
    let message = format!(
        "checking all rows keeps everybody away from {}",
        effect.table_name()
    );
    with_help(
        case.finding(&rule::BLOCKING_CHECK, effect, message),
        constraint::not_valid(case, effect),
        &[
            "add it NOT VALID, and VALIDATE CONSTRAINT in a second migration, which keeps nobody away",
        ],
    )
}
