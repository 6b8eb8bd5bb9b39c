//! What the statements of a script need rights for.

use migrate_core::Dialect;
use migrate_core::split::split;
use migrate_sql::ObjectName;
use migrate_sql::change::{
    Change, ConstraintDefinition, ConstraintKind, Dml, DmlVerb, ObjectKind, TableAction,
};
use migrate_sql::dialect::{Parsed, parse};

/// Something that needs a right, with the name as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Need {
    pub(super) what: What,
    pub(super) on: ObjectName,
}

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// A table, type, sequence and the like is made.
    Create,
    /// A view is made.
    CreateView,
    /// A routine is made.
    CreateRoutine,
    /// A table is changed.
    Alter,
    /// A table is dropped.
    Drop,
    /// A table gets or loses an index.
    Index,
    /// A table gets a trigger.
    Trigger,
    /// A table is referenced by a foreign key.
    Reference,
    /// Rows are added.
    Insert,
    /// Rows are changed.
    Update,
    /// Rows are deleted.
    Delete,
    /// A table is emptied.
    Truncate,
}

/// What a script needs rights for, without what it makes itself.
pub(super) fn of(text: &str, dialect: Dialect) -> Vec<Need> {
    let mut needs = Needs::default();
    for statement in &split(text, dialect).statements {
        let parsed = parse(statement.text(text), statement.span.start, dialect);
        if let Parsed::Changes(changes) = parsed {
            changes.iter().for_each(|change| needs.change(change));
        }
    }
    needs.found
}

#[derive(Default)]
struct Needs {
    found: Vec<Need>,
    made: Vec<ObjectName>,
}

impl Needs {
    fn add(&mut self, what: What, on: &ObjectName) {
        let makes = matches!(what, What::Create | What::CreateView | What::CreateRoutine);
        if !makes && self.made.iter().any(|made| made.name == on.name) {
            return;
        }
        let on = on.clone();
        self.found.push(Need { what, on });
    }

    fn make(&mut self, what: What, name: &ObjectName) {
        self.add(what, name);
        self.made.push(name.clone());
    }

    fn change(&mut self, change: &Change) {
        match change {
            Change::CreateTable(table) if !table.temporary => {
                self.make(What::Create, &table.name);
                let columns = table.columns.iter().flat_map(|column| &column.constraints);
                let all: Vec<&ConstraintDefinition> = columns.chain(&table.constraints).collect();
                all.into_iter()
                    .for_each(|constraint| self.constraint(constraint));
            }
            Change::CreateTable(table) => self.made.push(table.name.clone()),
            Change::CreateView(view) => self.make(What::CreateView, &view.name),
            Change::CreateType(it) => self.make(What::Create, &it.name),
            Change::CreateDomain(it) => self.make(What::Create, &it.name),
            Change::CreateSequence(it) => self.make(What::Create, &it.name),
            Change::CreateRoutine(it) => self.make(What::CreateRoutine, &it.name),
            Change::AlterTable(alter) => {
                self.add(What::Alter, &alter.name);
                for action in &alter.actions {
                    match action {
                        TableAction::AddConstraint { constraint, .. } => {
                            self.constraint(constraint);
                        }
                        TableAction::AddColumn { column, .. } => {
                            let all = column.constraints.iter();
                            all.for_each(|constraint| self.constraint(constraint));
                        }
                        _ => {}
                    }
                }
            }
            Change::CreateIndex(index) => {
                if let Some(table) = &index.table {
                    self.add(What::Index, table);
                }
            }
            Change::CreateTrigger(trigger) => {
                if let Some(table) = &trigger.table {
                    self.add(What::Trigger, table);
                }
            }
            Change::Drop(drop) if drop.kind == ObjectKind::Table => {
                drop.names
                    .iter()
                    .for_each(|name| self.add(What::Drop, name));
            }
            Change::Rename {
                kind: ObjectKind::Table,
                from,
                to,
                ..
            } => {
                self.add(What::Alter, from);
                self.made.push(to.clone());
            }
            Change::Truncate { tables, .. } => {
                tables
                    .iter()
                    .for_each(|table| self.add(What::Truncate, table));
            }
            Change::Dml(dml) => self.dml(dml),
            _ => {}
        }
    }

    fn constraint(&mut self, constraint: &ConstraintDefinition) {
        if let ConstraintKind::ForeignKey { references, .. } = &constraint.kind {
            self.add(What::Reference, &references.table);
        }
    }

    fn dml(&mut self, dml: &Dml) {
        let what = match dml.verb {
            DmlVerb::Insert => Some(What::Insert),
            DmlVerb::Update => Some(What::Update),
            DmlVerb::Delete => Some(What::Delete),
            DmlVerb::Select | DmlVerb::Replace | DmlVerb::Merge | DmlVerb::Copy => None,
        };
        if let (Some(what), Some(table)) = (what, &dml.target) {
            self.add(what, table);
        }
        dml.inner.iter().for_each(|inner| self.dml(inner));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_needed() {
        let sql = "CREATE TABLE a (id int REFERENCES b); CREATE INDEX i ON a (id); \
                   ALTER TABLE c ADD d int; INSERT INTO e VALUES (1); DROP TABLE f; \
                   SELECT 1; DO $$ BEGIN END $$;";
        let found: Vec<(What, String)> = of(sql, Dialect::Postgres)
            .into_iter()
            .map(|need| (need.what, need.on.to_string()))
            .collect();
        let expected = [
            (What::Create, "a"),
            (What::Reference, "b"),
            (What::Alter, "c"),
            (What::Insert, "e"),
            (What::Drop, "f"),
        ];
        let expected: Vec<(What, String)> = expected
            .into_iter()
            .map(|(what, on)| (what, on.to_owned()))
            .collect();
        assert_eq!(found, expected);
    }
}
