//! The renames that a script makes, taken back.

use migrate_core::Dialect;

use crate::change::{AlterEnum, Change, ObjectKind, TableAction};
use crate::name::{ObjectName, QualifiedName};
use crate::quoting::{qualified, quoted};
use crate::schema::{Class, Object, ObjectId, Schema};

/// One rename, by names as they are written.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Rename {
    Object {
        kind: ObjectKind,
        from: ObjectName,
        to: ObjectName,
    },
    Column {
        table: ObjectName,
        from: String,
        to: String,
    },
    Constraint {
        table: ObjectName,
        from: String,
        to: String,
    },
    Index {
        table: ObjectName,
        from: String,
        to: String,
    },
    Value {
        name: ObjectName,
        from: String,
        to: String,
    },
}

/// The statements that take back what `changes` rename, last first, where that is what became of the
/// thing from `before` to `after`: it had the old name then and has the new one now. A table that only
/// takes the place of another one, as in a rebuild, was not renamed.
///
/// Without them a rename is a drop and a new object to whoever compares schemas, and its rows are lost.
pub fn undone(changes: &[Change], before: &Schema, after: &Schema) -> Vec<String> {
    let mut renames: Vec<Rename> = Vec::new();
    for rename in changes.iter().flat_map(of_change) {
        // From a to b and on to c is from a to c.
        let earlier = renames.iter_mut().find_map(|it| it.goes_on_to(&rename));
        if earlier.is_none() {
            renames.push(rename);
        }
    }
    renames
        .iter()
        .rev()
        .filter(|it| it.happened(before, after))
        .filter_map(|it| it.undo(before.dialect()))
        .collect()
}

fn of_change(change: &Change) -> Vec<Rename> {
    match change {
        Change::Rename { kind, from, to, .. }
            if !matches!(kind, ObjectKind::Trigger | ObjectKind::Policy) =>
        {
            vec![Rename::Object {
                kind: *kind,
                from: from.clone(),
                to: to.clone(),
            }]
        }
        Change::AlterEnum(AlterEnum::RenameValue { name, from, to }) => vec![Rename::Value {
            name: name.clone(),
            from: from.name.clone(),
            to: to.name.clone(),
        }],
        Change::AlterTable(alter) => alter
            .actions
            .iter()
            .filter_map(|action| of_action(&alter.name, action))
            .collect(),
        _ => Vec::new(),
    }
}

fn of_action(table: &ObjectName, action: &TableAction) -> Option<Rename> {
    let table = table.clone();
    match action {
        TableAction::RenameColumn { from, to } => Some(Rename::Column {
            table,
            from: from.name.clone(),
            to: to.name.clone(),
        }),
        TableAction::ModifyColumn { from, column, .. } if *from != column.name => {
            Some(Rename::Column {
                table,
                from: from.name.clone(),
                to: column.name.name.clone(),
            })
        }
        TableAction::RenameConstraint { from, to } => Some(Rename::Constraint {
            table,
            from: from.name.clone(),
            to: to.name.clone(),
        }),
        TableAction::RenameIndex { from, to } => Some(Rename::Index {
            table,
            from: from.name.clone(),
            to: to.name.clone(),
        }),
        TableAction::RenameTable { to } => Some(Rename::Object {
            kind: ObjectKind::Table,
            from: table,
            to: to.clone(),
        }),
        _ => None,
    }
}

impl Rename {
    /// Takes a later rename of the same thing in.
    fn goes_on_to(&mut self, later: &Rename) -> Option<()> {
        match (self, later) {
            (
                Rename::Object { kind, to, .. },
                Rename::Object {
                    kind: other,
                    from: next,
                    to: last,
                },
            ) if kind == other && to == next => *to = last.clone(),
            (
                Rename::Column { table, to, .. },
                Rename::Column {
                    table: other,
                    from: next,
                    to: last,
                },
            ) if table == other && to == next => last.clone_into(to),
            _ => return None,
        }
        Some(())
    }

    fn happened(&self, before: &Schema, after: &Schema) -> bool {
        let dialect = before.dialect();
        match self {
            Rename::Object { kind, from, to } => {
                let Some(class) = class(*kind) else {
                    return true;
                };
                let has = |schema: &Schema, name: &ObjectName| match class {
                    // Several routines may have one name.
                    Class::Routine => schema
                        .objects()
                        .any(|(id, _)| id.class == Class::Routine && id.name == kept(name)),
                    class => schema
                        .get(&ObjectId::new(class, kept(name), dialect))
                        .is_some(),
                };
                has(before, from) && !has(before, to) && has(after, to) && !has(after, from)
            }
            Rename::Column { table, from, to } => {
                // The table may have got another name on the way.
                let with = |schema: &Schema, one: &str, other: &str| {
                    schema.objects().any(|(_, object)| match object {
                        Object::Table(it) => {
                            let has = |name: &str| it.columns.iter().any(|it| it.name == name);
                            has(one) && !has(other)
                        }
                        _ => false,
                    })
                };
                let in_table = |schema: &Schema, one: &str, other: &str| {
                    schema.table(&kept(table)).map(|it| {
                        let has = |name: &str| it.columns.iter().any(|it| it.name == name);
                        has(one) && !has(other)
                    })
                };
                in_table(before, from, to).unwrap_or_else(|| with(before, from, to))
                    && in_table(after, to, from).unwrap_or_else(|| with(after, to, from))
            }
            Rename::Constraint { .. } | Rename::Index { .. } | Rename::Value { .. } => true,
        }
    }

    fn undo(&self, dialect: Dialect) -> Option<String> {
        let name = |name: &ObjectName| qualified(&kept(name), dialect);
        let quoted = |name: &str| quoted(name, dialect);
        Some(match self {
            Rename::Object { kind, from, to } => {
                let word = match (kind, dialect) {
                    (ObjectKind::Table, Dialect::Mysql) => {
                        return Some(format!("RENAME TABLE {} TO {}", name(to), name(from)));
                    }
                    (kind, _) => word(*kind)?,
                };
                let old = quoted(&from.name.name);
                format!("ALTER {word} {} RENAME TO {old}", name(to))
            }
            Rename::Column { table, from, to } => format!(
                "ALTER TABLE {} RENAME COLUMN {} TO {}",
                name(table),
                quoted(to),
                quoted(from)
            ),
            Rename::Constraint { table, from, to } => format!(
                "ALTER TABLE {} RENAME CONSTRAINT {} TO {}",
                name(table),
                quoted(to),
                quoted(from)
            ),
            Rename::Index { table, from, to } => format!(
                "ALTER TABLE {} RENAME INDEX {} TO {}",
                name(table),
                quoted(to),
                quoted(from)
            ),
            Rename::Value {
                name: enumeration,
                from,
                to,
            } => format!(
                "ALTER TYPE {} RENAME VALUE {} TO {}",
                name(enumeration),
                super::text::literal(to),
                super::text::literal(from)
            ),
        })
    }
}

/// A name as the model keeps it, but for the schema that it is written in.
fn kept(name: &ObjectName) -> QualifiedName {
    QualifiedName {
        schema: name
            .schema
            .as_ref()
            .map(|it| it.name.clone())
            .filter(|it| it != "public" && it != "main"),
        name: name.name.name.clone(),
    }
}

fn class(kind: ObjectKind) -> Option<Class> {
    match kind {
        ObjectKind::Table
        | ObjectKind::ForeignTable
        | ObjectKind::View
        | ObjectKind::MaterializedView
        | ObjectKind::Sequence => Some(Class::Relation),
        ObjectKind::Type | ObjectKind::Domain => Some(Class::Type),
        ObjectKind::Function | ObjectKind::Procedure | ObjectKind::Routine => Some(Class::Routine),
        ObjectKind::Schema => Some(Class::Schema),
        _ => None,
    }
}

fn word(kind: ObjectKind) -> Option<&'static str> {
    Some(match kind {
        ObjectKind::Table => "TABLE",
        ObjectKind::ForeignTable => "FOREIGN TABLE",
        ObjectKind::View => "VIEW",
        ObjectKind::MaterializedView => "MATERIALIZED VIEW",
        ObjectKind::Sequence => "SEQUENCE",
        ObjectKind::Index => "INDEX",
        ObjectKind::Type => "TYPE",
        ObjectKind::Domain => "DOMAIN",
        ObjectKind::Function => "FUNCTION",
        ObjectKind::Procedure => "PROCEDURE",
        ObjectKind::Routine => "ROUTINE",
        ObjectKind::Schema => "SCHEMA",
        _ => return None,
    })
}
