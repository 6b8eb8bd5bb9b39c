//! Renames, which the running app does not know of.

use migrate_core::{Diagnostic, rule};

use super::super::fix::Fix;
use super::Case;
use crate::change::{Change, ObjectKind, TableAction};

pub(super) fn finding(case: &Case<'_>) -> Option<(Diagnostic, Option<Fix>)> {
    let (kind, from, to, span) = match case.change {
        Change::Rename {
            kind: kind @ (ObjectKind::Table | ObjectKind::View | ObjectKind::MaterializedView),
            from,
            to,
            ..
        } if case.is_old_before(from, to) => {
            (kind.name(), from.to_string(), to.to_string(), from.span())
        }
        Change::AlterTable(alter) if case.is_old(&alter.name) => {
            alter.actions.iter().find_map(|action| match action {
                TableAction::RenameColumn { from, to } => {
                    Some(("column", from.to_string(), to.to_string(), from.span))
                }
                TableAction::ModifyColumn { from, column, .. }
                    if !case.schema.same_name(&from.name, &column.name.name) =>
                {
                    Some((
                        "column",
                        from.to_string(),
                        column.name.to_string(),
                        from.span,
                    ))
                }
                TableAction::RenameTable { to } => Some((
                    "table",
                    alter.name.to_string(),
                    to.to_string(),
                    alter.name.span(),
                )),
                _ => None,
            })?
        }
        _ => return None,
    };
    let message = format!("{kind} `{from}` becomes `{to}`, and what runs still asks for `{from}`");
    let finding = Diagnostic::new(&rule::BREAKING_RENAME, message)
        .at(&case.script.source, span.into(), "")
        .help(match kind {
            "column" => {
                "add a column, keep both equal while both versions of the app run, and drop the old one later"
            }
            _ => "leave a view under the old name while the old version of the app runs",
        });
    Some((finding, None))
}
