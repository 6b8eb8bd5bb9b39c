//! Statements that throw away what is there.

use migrate_core::{Diagnostic, rule};

use super::super::fix::Fix;
use super::{Case, is_renamed_to};
use crate::change::{Change, DmlVerb, ObjectKind, TableAction};
use crate::name::{ObjectName, Span};

pub(super) fn finding(case: &Case<'_>) -> Option<(Diagnostic, Option<Fix>)> {
    let (message, span) = what(case)?;
    let finding = Diagnostic::new(&rule::DESTRUCTIVE, message)
        .at(&case.script.source, span.into(), "")
        .help("have a backup, and let no running version of the app use it any more")
        .help("say that it is meant with `-- migrate:allow destructive <reason>`");
    Some((finding, None))
}

fn what(case: &Case<'_>) -> Option<(String, Span)> {
    let old = |name: &&ObjectName| case.is_old(name);
    match case.change {
        Change::Drop(drop) => {
            let name = match drop.kind {
                ObjectKind::Table => drop.names.iter().filter(old).find(|name| {
                    // A table that is made anew under its name is not gone.
                    !is_renamed_to(case.rest(), &name.name.name, case.schema.dialect())
                }),
                ObjectKind::Schema => drop.names.first(),
                _ => None,
            }?;
            let kind = drop.kind.name();
            Some((
                format!("{kind} `{name}` goes with all its rows"),
                name.span(),
            ))
        }
        Change::Truncate { tables, .. } => {
            let name = tables.iter().find(old)?;
            Some((format!("all rows of `{name}` go"), name.span()))
        }
        Change::AlterTable(alter) if case.is_old(&alter.name) => {
            let name = alter.actions.iter().find_map(|action| match action {
                TableAction::DropColumn { name, .. } => Some(name),
                _ => None,
            })?;
            let message = format!("column `{name}` of `{}` goes with its values", alter.name);
            Some((message, name.span))
        }
        Change::Dml(dml) if !dml.restricted => {
            let target = dml.target.as_ref().filter(old)?;
            match dml.verb {
                DmlVerb::Delete => Some((format!("all rows of `{target}` go"), target.span())),
                // New columns have nothing to lose.
                DmlVerb::Update if !case.fills_new_columns(dml) => Some((
                    format!("all rows of `{target}` get other values"),
                    target.span(),
                )),
                _ => None,
            }
        }
        _ => None,
    }
}
