//! A dropped column that a trigger names: neither SQLite nor MySQL looks into triggers.

use migrate_core::lex::{Lexer, unquote};
use migrate_core::{Diagnostic, Dialect, rule};

use super::super::fix::Fix;
use super::Case;
use crate::change::{Change, TableAction};
use crate::schema::Trigger;

pub(super) fn finding(case: &Case<'_>) -> Option<(Diagnostic, Option<Fix>)> {
    let dialect = case.schema.dialect();
    let Change::AlterTable(alter) = case.change else {
        return None;
    };
    // PostgreSQL keeps the bodies in functions.
    if dialect == Dialect::Postgres {
        return None;
    }
    let id = case.schema.likely_relation(&alter.name)?;
    let table = &alter.name.name.name;
    let all = || case.schema.tables();
    alter.actions.iter().find_map(|action| {
        let TableAction::DropColumn { name, .. } = action else {
            return None;
        };
        let trigger = all().find_map(|on| {
            let is_own = case.schema.same_name(&on.name.name, &id.name.name);
            let mut triggers = on.triggers.iter();
            triggers
                .find(|it| names(it, &name.name, dialect) && (is_own || names(it, table, dialect)))
        })?;
        let finding = Diagnostic::new(
            &rule::BREAKING_TRIGGER,
            format!(
                "trigger `{}` names `{}`, and fails when it runs next",
                trigger.name, name
            ),
        )
        .at(&case.script.source, name.span.into(), "")
        .help("drop the trigger before, and make it again without the column");
        Some((finding, None))
    })
}

/// Whether a trigger has a word.
fn names(trigger: &Trigger, wanted: &str, dialect: Dialect) -> bool {
    let text = &trigger.definition;
    Lexer::new(text, dialect)
        .filter(|token| !token.kind.is_trivia())
        .any(|token| unquote(token.text(text)).eq_ignore_ascii_case(wanted))
}
