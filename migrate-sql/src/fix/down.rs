//! The down script of a migration of which a part has moved.

use std::ops::Range;

use migrate_core::{Dialect, ScriptFile};

use super::draft::{removed, replaced};
use crate::change::{AlterTable, Change, ColumnChange, ObjectKind, TableAction};
use crate::dialect::{self, Parsed};
use crate::hazard::fix::{Clauses, Moved, after_word, insert};

/// The text of its file without what reverts something that has moved; `None` where it does not
/// revert it, or together with other things.
pub(super) fn without(script: &ScriptFile, moved: &Moved, dialect: Dialect) -> Option<String> {
    let text = &script.source.text;
    statements(script, dialect).find_map(|(span, changes)| {
        let [change] = changes.as_slice() else {
            return None;
        };
        match (change, moved) {
            (Change::Drop(drop), Moved::Index(name)) => {
                let [only] = drop.names.as_slice() else {
                    return None;
                };
                let is_it = drop.kind == ObjectKind::Index && only.name.name == *name;
                is_it.then(|| removed(text, script, span))?
            }
            (Change::AlterTable(alter), _) => {
                let at = alter.actions.iter().position(|it| reverts(it, moved))?;
                clause(alter, at, moved, script, span)
            }
            _ => None,
        }
    })
}

fn reverts(action: &TableAction, moved: &Moved) -> bool {
    match (action, moved) {
        (TableAction::DropConstraint { name, .. }, Moved::Constraint(wanted)) => {
            name.name == *wanted
        }
        (TableAction::AlterColumn { name, change, .. }, Moved::NotNull { column, .. }) => {
            name.name == *column && **change == ColumnChange::DropNotNull
        }
        _ => false,
    }
}

fn clause(
    alter: &AlterTable,
    at: usize,
    moved: &Moved,
    script: &ScriptFile,
    span: Range<usize>,
) -> Option<String> {
    let statement = script.text.get(span.clone())?;
    let clauses = Clauses::of(alter, statement, span.start)?;
    let text = &script.source.text;
    match moved {
        Moved::NotNull { instead, .. } => replaced(text, span, &clauses.with(at, instead)?),
        _ if clauses.is_single() => removed(text, script, span),
        _ => replaced(text, span, &clauses.without(at)?),
    }
}

/// The statement that makes an index, as one that makes it CONCURRENTLY, and the text of the file
/// without it.
pub(super) fn creation(
    script: &ScriptFile,
    index: &str,
    dialect: Dialect,
) -> Option<(String, String)> {
    statements(script, dialect).find_map(|(span, changes)| {
        let [Change::CreateIndex(create)] = changes.as_slice() else {
            return None;
        };
        if create.name.as_ref()?.name != index {
            return None;
        }
        let text = script.text.get(span.clone())?;
        let statement = match create.concurrently {
            true => text.to_owned(),
            false => insert(text, after_word(text, "index")?, " CONCURRENTLY")?,
        };
        Some((statement, removed(&script.source.text, script, span)?))
    })
}

fn statements(
    script: &ScriptFile,
    dialect: Dialect,
) -> impl Iterator<Item = (Range<usize>, Vec<Change>)> {
    script.split.statements.iter().filter_map(move |statement| {
        let text = statement.text(&script.text);
        match dialect::parse(text, statement.span.start, dialect) {
            Parsed::Changes(changes) => Some((statement.span.clone(), changes)),
            Parsed::Broken(_) => None,
        }
    })
}
