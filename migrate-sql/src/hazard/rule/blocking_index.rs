//! CREATE INDEX without CONCURRENTLY.

use migrate_core::{Diagnostic, rule};

use super::super::effect::Form;
use super::Case;

pub(super) fn finding(case: &Case<'_>) -> Option<Diagnostic> {
    let effect = case.blocking(|effect| effect.form == Form::CreateIndex)?;
    let message = format!(
        "building the index keeps writers away from {}",
        effect.table_name()
    );
    let text = case.text();
    let lower = text.to_ascii_lowercase();
    let finding = case
        .finding(&rule::BLOCKING_INDEX, effect, message)
        .help("build it CONCURRENTLY, in a migration of its own with `-- migrate:no-transaction`");
    Some(match lower.find("index") {
        Some(at) => {
            let at = at + "index".len();
            let (before, after) = text.split_at_checked(at)?;
            finding.help(format!("`{before} CONCURRENTLY{after}`"))
        }
        None => finding,
    })
}
