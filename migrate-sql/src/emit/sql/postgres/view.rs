//! Views, triggers and policies: what stands on tables.

use std::collections::BTreeSet;

use super::super::definition;
use super::super::order::by_need;
use super::super::plan::Plan;
use super::part::create_index;
use super::{ChangedTable, DIALECT, Emission, relation};
use crate::diff::{Part, What};
use crate::name::QualifiedName;
use crate::quoting::{qualified, quoted};
use crate::schema::{Index, Object, ObjectId, Policy, Schema, Trigger, View};

/// The views that go and come.
pub(super) struct Views<'s> {
    /// Of the beginning, what is read before its readers.
    dropped: Vec<&'s View>,
    /// Of the target, what is read before its readers.
    made: Vec<&'s View>,
    /// Indexes of materialized views that stay.
    indexes: Vec<(&'s View, Option<&'s Index>, Option<&'s Index>)>,
}

impl<'s> Views<'s> {
    pub(super) fn new(plan: &Plan<'s>, tables: &[ChangedTable<'s>]) -> Self {
        let mut views = Views {
            dropped: views(&plan.dropped),
            made: views(&plan.made),
            indexes: Vec::new(),
        };
        for changed in &plan.changed {
            let (Object::View(before), Object::View(after)) = (changed.before, changed.after)
            else {
                continue;
            };
            let of_index = |part: &Option<Part>| matches!(part, Some(Part::Index(_)));
            if changed.differences.iter().any(|it| !of_index(&it.part)) {
                views.dropped.push(before);
                views.made.push(after);
                continue;
            }
            for difference in &changed.differences {
                let is = |index: &&Index| Some(Part::of_index(index)) == difference.part;
                let old = before.indexes.iter().find(is);
                let new = after.indexes.iter().find(is);
                views.indexes.push((
                    after,
                    old.filter(|_| difference.what != What::Missing),
                    new.filter(|_| difference.what != What::Extra),
                ));
            }
        }
        if let Some(from) = plan.from {
            views.add_readers(from, plan.to, tables);
        }
        let reads = |one: &&View, other: &&View| one.reads.contains_key(&other.name);
        views.dropped = by_need(views.dropped, reads);
        views.made = by_need(views.made, reads);
        views
    }

    /// Views that read a view which goes, or a column which goes or gets another type.
    fn add_readers(&mut self, from: &'s Schema, to: &'s Schema, tables: &[ChangedTable<'s>]) {
        let mut columns: BTreeSet<(&QualifiedName, &str)> = BTreeSet::new();
        for changed in tables {
            let retyped = changed.change.altered.iter().filter(|(_, _, properties)| {
                ["type", "collation", "generated as"]
                    .iter()
                    .any(|it| properties.contains(it))
            });
            let gone = changed.change.columns.gone.iter().copied();
            columns.extend(
                retyped
                    .map(|(column, ..)| *column)
                    .chain(gone)
                    .map(|column| (&changed.before.name, column.name.as_str())),
            );
        }
        loop {
            let stands_on = |view: &View| {
                view.reads.iter().any(|(name, read)| {
                    self.dropped.iter().any(|it| it.name == *name)
                        || columns
                            .iter()
                            .any(|(table, column)| *table == name && read.contains(*column))
                })
            };
            let next = from.objects().find_map(|(id, object)| match object {
                Object::View(view)
                    if !self.dropped.iter().any(|it| it.name == view.name) && stands_on(view) =>
                {
                    Some((id, view))
                }
                _ => None,
            });
            let Some((id, view)) = next else {
                return;
            };
            self.dropped.push(view);
            if let Some(Object::View(after)) = to.get(id) {
                self.made.push(after);
            }
        }
    }

    fn makes(&self, id: &ObjectId) -> bool {
        self.made.iter().any(|it| relation(&it.name) == *id)
    }
}

fn views<'s>(objects: &[&'s Object]) -> Vec<&'s View> {
    objects
        .iter()
        .filter_map(|it| match it {
            Object::View(view) => Some(view),
            _ => None,
        })
        .collect()
}

impl<'s> Emission<'s> {
    pub(super) fn drop_views(&mut self, views: &Views<'s>) {
        for view in views.dropped.iter().rev() {
            let word = word(view);
            let name = qualified(&view.name, DIALECT);
            self.out.add(format!("DROP {word} {name}"));
        }
        for (view, old, _) in &views.indexes {
            if let Some(index) = old {
                let name = QualifiedName {
                    schema: view.name.schema.clone(),
                    name: index.name.clone(),
                };
                let name = qualified(&name, DIALECT);
                self.out.add(format!("DROP INDEX {name}"));
            }
        }
    }

    pub(super) fn create_views(&mut self, views: &Views<'s>) {
        for view in &views.made {
            let object = Object::View((*view).clone());
            let statement = definition::of_object(&object, DIALECT);
            let is_known = statement.is_some();
            self.out.create(&object, statement);
            let indexes = view.indexes.iter().filter(|_| is_known);
            for index in indexes {
                self.out.add(create_index(&view.name, index));
            }
        }
        for (view, _, new) in &views.indexes {
            if let Some(index) = new {
                self.out.add(create_index(&view.name, index));
            }
        }
    }

    pub(super) fn drop_triggers_and_policies(&mut self) {
        let mut statements = Vec::new();
        for changed in &self.tables {
            let table = qualified(&changed.before.name, DIALECT);
            let change = &changed.change;
            let gone = change.triggers.gone.iter();
            let own = gone.filter(|it| !inherits_trigger(self.plan.from, changed, it));
            statements.extend(own.map(|it| {
                let name = quoted(&it.name, DIALECT);
                format!("DROP TRIGGER {name} ON {table}")
            }));
            statements.extend(change.policies.gone.iter().map(|it| {
                let name = quoted(&it.name, DIALECT);
                format!("DROP POLICY {name} ON {table}")
            }));
        }
        self.out.statements.extend(statements);
    }

    pub(super) fn create_triggers_and_policies(&mut self, views: &Views<'s>) {
        let mut triggers: Vec<(&QualifiedName, &Trigger)> = Vec::new();
        let mut policies: Vec<(&QualifiedName, &Policy)> = Vec::new();
        for table in self.made_tables() {
            let parent = table.partition_of.as_ref();
            let parent = parent.and_then(|it| self.plan.to.table(it));
            let own = table.triggers.iter().filter(|trigger| {
                parent.is_none_or(|it| it.triggers.iter().all(|other| other.name != trigger.name))
            });
            triggers.extend(own.map(|it| (&table.name, it)));
            policies.extend(table.policies.iter().map(|it| (&table.name, it)));
        }
        for changed in &self.tables {
            let name = &changed.after.name;
            let new = changed.change.triggers.new.iter();
            let own = new.filter(|it| !inherits_trigger(Some(self.plan.to), changed, it));
            triggers.extend(own.map(|it| (name, *it)));
            policies.extend(changed.change.policies.new.iter().map(|it| (name, *it)));
        }
        for (_, object) in self.plan.to.objects() {
            if let Object::View(view) = object
                && views.makes(&relation(&view.name))
            {
                triggers.extend(view.triggers.iter().map(|it| (&view.name, it)));
            }
        }
        for (table, trigger) in triggers {
            let statement = definition::of_trigger(trigger, table, DIALECT);
            let what = format_args!("trigger `{}` on `{table}`", trigger.name);
            self.out.create(what, statement);
        }
        for (table, policy) in policies {
            match definition::of_policy(policy, table, DIALECT) {
                Some(statement) => self.out.add(statement),
                None => self.out.cannot(format!(
                    "cannot create policy `{}` on `{table}`: the statement that makes it is not \
                     known, or it was altered since",
                    policy.name
                )),
            }
        }
    }
}

fn word(view: &View) -> &'static str {
    match view.materialized {
        true => "MATERIALIZED VIEW",
        false => "VIEW",
    }
}

/// Whether a partition has its trigger from its parent.
fn inherits_trigger(
    schema: Option<&Schema>,
    changed: &ChangedTable<'_>,
    trigger: &Trigger,
) -> bool {
    let parent = changed.before.partition_of.as_ref();
    parent
        .and_then(|it| schema?.table(it))
        .is_some_and(|it| it.triggers.iter().any(|other| other.name == trigger.name))
}
