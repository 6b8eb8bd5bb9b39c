//! A primary key, UNIQUE or EXCLUDE that builds its own index.

use migrate_core::{Diagnostic, rule};

use super::super::effect::Form;
use super::{Case, table};

pub(super) fn finding(case: &Case<'_>) -> Option<Diagnostic> {
    let effect = case.blocking(|effect| matches!(effect.form, Form::AddKey { .. }))?;
    let Form::AddKey { kind, using_index } = effect.form else {
        return None;
    };
    let message = format!(
        "adding the {kind} keeps everybody away from {}",
        effect.table_name()
    );
    let finding = case.finding(&rule::BLOCKING_KEY, effect, message);
    let table = table(effect);
    Some(match (kind, using_index) {
        (_, true) => finding
            .note("a column of the index may hold NULL, so that all rows are looked at")
            .help("make the columns NOT NULL before, with the help of a CHECK that is validated"),
        ("EXCLUDE", _) => finding.help(
            "there is no way without the lock; do it while the table is small or the app is stopped",
        ),
        _ => finding
            .help("build the index before: `CREATE UNIQUE INDEX CONCURRENTLY …`, in a migration of its own with `-- migrate:no-transaction`")
            .help(format!("then `ALTER TABLE {table} ADD CONSTRAINT … {kind} USING INDEX …`")),
    })
}
