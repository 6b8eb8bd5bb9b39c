//! Work in proportion to the rows of a table on SQLite, where one writer keeps away all others.

use migrate_core::{Diagnostic, Dialect, rule};

use super::super::fix::Fix;
use super::Case;
use crate::change::{Change, ConstraintKind, DmlVerb, MaintenanceVerb, TableAction};
use crate::name::{ObjectName, Span};

pub(super) fn finding(case: &Case<'_>) -> Option<(Diagnostic, Option<Fix>)> {
    if case.schema.dialect() != Dialect::Sqlite {
        return None;
    }
    let (work, span) = work(case)?;
    let span = match span.start < span.end {
        true => span.into(),
        false => case.statement.clone(),
    };
    let finding = Diagnostic::new(
        &rule::LONG_WRITE,
        format!("nobody else writes to the database while {work}"),
    )
    .at(&case.script.source, span, "")
    .note(
        "SQLite has one writer at a time; without WAL, readers wait, too, while the change is written",
    )
    .help("set `busy_timeout` in the app to longer than this takes on the largest database");
    Some((finding, None))
}

/// What is done to how many rows, and where that is said.
fn work(case: &Case<'_>) -> Option<(String, Span)> {
    let old = |name: &&ObjectName| case.is_old(name);
    match case.change {
        Change::CreateIndex(index) => {
            let table = index.table.as_ref().filter(old)?;
            Some((format!("the index on `{table}` is built"), index.span))
        }
        Change::AlterTable(alter) if case.is_old(&alter.name) => {
            let looks = |action: &TableAction| match action {
                // SQLite drops a column by writing all rows anew.
                TableAction::DropColumn { name, .. } => Some((
                    format!("all rows of `{}` are written anew", alter.name),
                    name.span,
                )),
                TableAction::AddColumn { column, .. } => column
                    .constraints
                    .iter()
                    .any(|it| matches!(it.kind, ConstraintKind::Check(_)))
                    .then(|| {
                        (
                            format!("all rows of `{}` are checked", alter.name),
                            column.span,
                        )
                    }),
                _ => None,
            };
            alter.actions.iter().find_map(looks)
        }
        Change::Dml(dml) => match dml.verb {
            DmlVerb::Update | DmlVerb::Delete if !dml.restricted => {
                let table = dml.target.as_ref().filter(old)?;
                Some((format!("all rows of `{table}` are changed"), table.span()))
            }
            DmlVerb::Insert | DmlVerb::Replace => {
                // ON CONFLICT reads the table that is written.
                let other = |name: &&ObjectName| dml.target.as_ref() != Some(*name) && old(name);
                let from = dml.scope.relations().find(other)?;
                Some((format!("the rows of `{from}` are copied"), from.span()))
            }
            _ => None,
        },
        Change::Maintenance { verb, name, .. } => {
            let span = name.as_ref().map(ObjectName::span).unwrap_or_default();
            match verb {
                MaintenanceVerb::Vacuum => {
                    Some(("the whole file is written anew".to_owned(), span))
                }
                MaintenanceVerb::ReindexAll
                | MaintenanceVerb::ReindexTable
                | MaintenanceVerb::ReindexIndex => Some(("indexes are built".to_owned(), span)),
                _ => None,
            }
        }
        _ => None,
    }
}
