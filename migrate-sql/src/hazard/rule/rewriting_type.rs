//! ALTER COLUMN … TYPE that rewrites the table, builds indexes or looks at all rows.

use migrate_core::{Diagnostic, rule};

use super::super::effect::Form;
use super::super::fix::Fix;
use super::{Case, with_help};

pub(super) fn finding(case: &Case<'_>) -> Option<(Diagnostic, Option<Fix>)> {
    let effect = case.blocking(|effect| matches!(effect.form, Form::ChangeType { .. }))?;
    let Form::ChangeType { column, from, to } = &effect.form else {
        return None;
    };
    let change = match from {
        Some(from) => format!("from {from} to {to}"),
        None => format!("to {to}"),
    };
    let message = format!(
        "changing `{column}` {change} keeps everybody away from {}",
        effect.table_name()
    );
    let mut finding = case.finding(&rule::REWRITING_TYPE, effect, message);
    if from.is_none() {
        finding = finding.note(
            "the type before is not known here; a change that only lifts a limit costs nothing",
        );
    }
    with_help(
        finding,
        None,
        &[
            "add a column of the new type, keep both equal with a trigger, fill the old rows in batches, and let the app change over",
        ],
    )
}
