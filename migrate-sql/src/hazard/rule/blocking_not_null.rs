//! SET NOT NULL that no CHECK proves.

use migrate_core::{Diagnostic, rule};

use super::super::effect::Form;
use super::{Case, quoted, table};

pub(super) fn finding(case: &Case<'_>) -> Option<Diagnostic> {
    let effect = case.blocking(|effect| matches!(effect.form, Form::SetNotNull { .. }))?;
    let Form::SetNotNull { column } = &effect.form else {
        return None;
    };
    let message = format!(
        "looking for NULL in `{column}` keeps everybody away from {}",
        effect.table_name()
    );
    let (table, name) = (table(effect), quoted(column));
    let check = quoted(&format!("{column}_not_null"));
    Some(
        case.finding(&rule::BLOCKING_NOT_NULL, effect, message)
            .note("PostgreSQL does not look where a validated CHECK says that there is no NULL")
            .help(format!(
                "first: `ALTER TABLE {table} ADD CONSTRAINT {check} CHECK ({name} IS NOT NULL) NOT VALID`"
            ))
            .help(format!(
                "in a second migration: `ALTER TABLE {table} VALIDATE CONSTRAINT {check}`"
            ))
            .help(format!(
                "in a third: this statement, then `ALTER TABLE {table} DROP CONSTRAINT {check}`"
            )),
    )
}
