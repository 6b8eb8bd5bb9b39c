//! What has to be done, object by object.

use std::collections::BTreeSet;

use migrate_core::Dialect;

use super::table_change::{ChangedTable, TableChange};
use super::{Scripted, loss};
use crate::diff::{self, DiffOptions, Difference, What};
use crate::schema::{Object, ObjectId, Schema, Table};

/// What a way is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// To somewhere new.
    Forward,
    /// Back to where it was, after another way: what goes is what that one made, and what that one
    /// dropped comes without its data.
    Back,
}

/// The way from one schema to another.
pub(super) struct Plan<'s> {
    pub(super) purpose: Purpose,
    pub(super) from: Option<&'s Schema>,
    pub(super) to: &'s Schema,
    /// Objects to make.
    pub(super) made: Vec<&'s Object>,
    /// Objects to drop.
    pub(super) dropped: Vec<&'s Object>,
    /// Objects that are there on both sides.
    pub(super) changed: Vec<Changed<'s>>,
    /// What was said already.
    said: Scripted,
}

/// An object that becomes another.
pub(super) struct Changed<'s> {
    pub(super) before: &'s Object,
    pub(super) after: &'s Object,
    pub(super) differences: Vec<Difference>,
}

impl<'s> Plan<'s> {
    /// Everything is made.
    pub(super) fn create(to: &'s Schema) -> Self {
        let mut said = Scripted::default();
        let mut made = Vec::new();
        for (id, object) in to.objects() {
            if matches!(object, Object::Table(table) if table.temporary) {
                continue;
            }
            if let Object::Table(table) = object
                && (table.uncertain || has_unknown_type(table, to.dialect()))
            {
                said.cannot(format!(
                    "cannot create table `{}`: not all of its columns are known",
                    table.name
                ));
                continue;
            }
            if !to.is_certain(id) {
                said.look(format!(
                    "{object} is made as far as it is known, which is not for certain"
                ));
            }
            made.push(object);
        }
        Plan {
            purpose: Purpose::Forward,
            from: None,
            to,
            made,
            dropped: Vec::new(),
            changed: Vec::new(),
            said,
        }
    }

    /// What differs is made equal.
    pub(super) fn new(from: &'s Schema, to: &'s Schema, purpose: Purpose) -> Self {
        let mut plan = Plan {
            purpose,
            from: Some(from),
            to,
            made: Vec::new(),
            dropped: Vec::new(),
            changed: Vec::new(),
            said: Scripted::default(),
        };
        plan.uncertain();
        for (id, differences) in diff::by_object(to, from, DiffOptions::default()) {
            let (before, after) = (from.get(id), to.get(id));
            let whole = |what: &What| {
                differences
                    .iter()
                    .any(|it| it.part.is_none() && it.what == *what)
            };
            match (before, after) {
                (Some(before), Some(after)) if !whole(&What::Missing) && !whole(&What::Extra) => {
                    plan.changed.push(Changed {
                        before,
                        after,
                        differences,
                    });
                }
                (before, after) => {
                    plan.dropped.extend(before.filter(|_| whole(&What::Extra)));
                    match after {
                        Some(Object::Table(table)) if has_unknown_type(table, to.dialect()) => {
                            plan.said.cannot(format!(
                                "cannot create table `{}`: not all of its columns are known",
                                table.name
                            ));
                        }
                        after => plan.made.extend(after.filter(|_| whole(&What::Missing))),
                    }
                }
            }
        }
        plan.in_schemas();
        plan.others();
        plan
    }

    /// The tables that are there on both sides.
    pub(super) fn changed_tables(&self) -> Vec<ChangedTable<'s>> {
        let dialect = self.to.dialect();
        self.changed
            .iter()
            .filter_map(|it| match (it.before, it.after) {
                (Object::Table(before), Object::Table(after)) => Some(ChangedTable {
                    before,
                    after,
                    change: TableChange::new(before, after, &it.differences, dialect),
                }),
                _ => None,
            })
            .collect()
    }

    /// A script that does nothing yet: what is to be said of the way as a whole.
    pub(super) fn remarks(&self, tables: &[ChangedTable<'s>]) -> Scripted {
        let mut out = self.said.clone();
        out.remarks.extend(loss::losses(self, tables).remarks);
        out
    }

    /// Says what is left as it is because nobody knows what it is.
    fn uncertain(&mut self) {
        let mut names: BTreeSet<String> = BTreeSet::new();
        for schema in self.from.into_iter().chain([self.to]) {
            for (id, object) in schema.objects() {
                if !schema.is_certain(id) && !matches!(object, Object::Other(_)) {
                    names.insert(object.to_string());
                }
            }
        }
        for name in names {
            self.said.cannot(format!(
                "{name} is left as it is, since it is not known for certain"
            ));
        }
    }

    /// What is in a schema that comes or goes as a whole: the side that has no such schema knows
    /// nothing of what may be in it.
    fn in_schemas(&mut self) {
        let schemas = |objects: &[&Object]| -> BTreeSet<String> {
            objects
                .iter()
                .filter_map(|it| match it {
                    Object::Schema(name) => Some(name.clone()),
                    _ => None,
                })
                .collect()
        };
        let inside = |schema: &'s Schema, names: &BTreeSet<String>, known: &[&Object]| {
            let in_one = |it: &&(&ObjectId, &'s Object)| {
                let schema = it.1.name().schema;
                schema.is_some_and(|it| names.contains(&it))
                    && !known.iter().any(|other| std::ptr::eq(*other, it.1))
            };
            let objects: Vec<(&ObjectId, &'s Object)> = schema.objects().collect();
            objects
                .iter()
                .filter(in_one)
                .map(|it| it.1)
                .collect::<Vec<_>>()
        };
        let made = inside(self.to, &schemas(&self.made), &self.made);
        self.made.extend(made);
        if let Some(from) = self.from {
            let dropped = inside(from, &schemas(&self.dropped), &self.dropped);
            self.dropped.extend(dropped);
        }
    }

    /// Objects of which only the name is known, which are no part of a comparison; where both sides
    /// come from scripts, the statements that make them are known.
    fn others(&mut self) {
        let Some(from) = self.from else {
            return;
        };
        let written = |schema: &Schema| {
            let mut objects = schema.objects().peekable();
            objects.peek().is_none() || objects.any(|(_, object)| object.origin().is_some())
        };
        let both = written(from) && written(self.to);
        let others = |one: &'s Schema, other: &Schema| -> Vec<&'s Object> {
            one.objects()
                .filter(|(id, object)| {
                    matches!(object, Object::Other(_)) && other.get(id).is_none()
                })
                .map(|(_, object)| object)
                .collect()
        };
        let (made, dropped) = (others(self.to, from), others(from, self.to));
        if both {
            self.made.extend(made);
            self.dropped.extend(dropped);
            return;
        }
        for object in made.into_iter().chain(dropped) {
            self.said.look(format!(
                "{object} is not compared, since only scripts tell about it"
            ));
        }
    }
}

/// Whether the type of a column is not known; only SQLite has columns without one.
fn has_unknown_type(table: &Table, dialect: Dialect) -> bool {
    dialect != Dialect::Sqlite && table.columns.iter().any(|it| it.column_type.is_none())
}
