//! Data that is gone after the way up and down.

use migrate_core::{Diagnostic, ScriptFile, rule};

use super::script::Write;
use crate::conflict::Origin;
use crate::schema::{Object, ObjectId, Schema};

/// Data that the way up throws away.
pub(super) struct Loss {
    /// The table.
    pub(super) table: ObjectId,
    /// What is said about it.
    pub(super) finding: Diagnostic,
}

/// Tables and columns that were there before the way up, and that it dropped: the way down can make
/// them anew, but not what was in them.
pub(super) fn on_the_way_up(up: &ScriptFile, schema: &Schema) -> Vec<Loss> {
    let mut losses = Vec::new();
    for (id, column, origin) in schema.dropped() {
        let Some(Object::Table(before)) = schema.before(id) else {
            continue;
        };
        if before.temporary || before.uncertain {
            continue;
        }
        let what = match column {
            Some(column) => {
                // The column of a table that goes as a whole is said with the table.
                if !before.columns.iter().any(|it| it.name == column) || schema.get(id).is_none() {
                    continue;
                }
                format!("column `{column}` of `{}`", before.name)
            }
            None => {
                // A rebuilt table is there again.
                if schema.get(id).is_some() {
                    continue;
                }
                format!("table `{}`", before.name)
            }
        };
        losses.push(Loss {
            table: id.clone(),
            finding: finding(
                format!("up drops {what}, and down cannot bring its data back"),
                up,
                origin,
            ),
        });
    }
    losses
}

/// Tables and columns that the way up made and filled, and that the way down drops.
pub(super) fn on_the_way_down<'s>(
    down: &'s ScriptFile,
    schema: &'s Schema,
    writes: &'s [Write],
) -> impl Iterator<Item = Diagnostic> + 's {
    schema.dropped().filter_map(move |(id, column, origin)| {
        let filled = writes.iter().any(|write| {
            write.table == *id
                && match column {
                    Some(column) => write.columns.iter().any(|it| it == column),
                    None => true,
                }
        });
        if !filled || (column.is_none() && schema.get(id).is_some()) {
            return None;
        }
        let name = &id.name;
        let what = match column {
            Some(column) => format!("column `{column}` of `{name}`"),
            None => format!("table `{name}`"),
        };
        Some(finding(
            format!("down drops {what}, which up filled"),
            down,
            origin,
        ))
    })
}

fn finding(message: String, script: &ScriptFile, origin: &Origin) -> Diagnostic {
    Diagnostic::new(&rule::DATA_LOSS, message)
        .at(&script.source, origin.span.into(), "its data is lost")
        .help("where the data matters, copy it to a table of its own before")
}
