//! Rows that go because others point to them no more.

use migrate_core::{Diagnostic, Dialect, rule};

use super::super::fix::Fix;
use super::{Case, is_renamed_to};
use crate::change::{Change, DmlVerb, ForeignKeyAction, ObjectKind};
use crate::name::ObjectName;
use crate::schema::{Class, ObjectId};

pub(super) fn finding(case: &Case<'_>) -> Option<(Diagnostic, Option<Fix>)> {
    let dialect = case.schema.dialect();
    let (parent, how) = match case.change {
        Change::Dml(dml) => match dml.verb {
            // That a DELETE cascades is what the keys say; that REPLACE deletes is what it does not.
            DmlVerb::Replace if dialect != Dialect::Postgres => (
                dml.target.as_ref()?,
                "REPLACE deletes the row that is there before it inserts",
            ),
            DmlVerb::Delete if dialect == Dialect::Sqlite => {
                (dml.target.as_ref()?, "DELETE follows the keys")
            }
            _ => return None,
        },
        // The server refuses it elsewhere.
        Change::Drop(drop) if drop.kind == ObjectKind::Table && dialect == Dialect::Sqlite => {
            let name = drop.names.first()?;
            // The runner switches the keys off while a table is made anew.
            if is_renamed_to(case.rest(), &name.name.name, dialect) {
                return None;
            }
            (
                name,
                "DROP TABLE deletes all rows first, which follows the keys",
            )
        }
        _ => return None,
    };
    let (child, action) = child(case, parent)?;
    let message = match action {
        ForeignKeyAction::Cascade => format!("rows of `{child}` go with those of `{parent}`"),
        _ => format!("rows of `{child}` lose what they point to in `{parent}`"),
    };
    let finding = Diagnostic::new(&rule::CASCADING_DELETE, message)
        .at(&case.script.source, parent.span().into(), "")
        .note(how)
        .help(match case.change {
            Change::Dml(dml) if dml.verb == DmlVerb::Replace => {
                "use INSERT with ON CONFLICT or ON DUPLICATE KEY, which changes the row"
            }
            _ => "count the rows of the other table before and after",
        });
    Some((finding, None))
}

/// A table whose rows follow those of this one.
fn child(case: &Case<'_>, parent: &ObjectName) -> Option<(String, ForeignKeyAction)> {
    let id = case.schema.likely_relation(parent)?;
    if case.watch.is_new(&id) {
        return None;
    }
    let id_of = |name: &crate::QualifiedName| -> ObjectId { case.schema.id(Class::Relation, name) };
    case.schema.users(&id).into_iter().find_map(|child| {
        let table = case.schema.table_by_id(&child)?;
        let mut keys = table.foreign_keys.iter();
        let key = keys.find(|key| {
            let follows = matches!(
                key.on_delete,
                ForeignKeyAction::Cascade
                    | ForeignKeyAction::SetNull
                    | ForeignKeyAction::SetDefault
            );
            follows && id_of(&key.references) == id
        })?;
        Some((table.name.to_string(), key.on_delete))
    })
}
