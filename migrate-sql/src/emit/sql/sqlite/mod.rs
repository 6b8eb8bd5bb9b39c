//! SQLite.
//!
//! It adds and drops plain columns; every other change of a table is a rebuild: a new table takes the
//! rows and then the name of the old one. Views and triggers that name such a table are dropped before
//! and made again after, since SQLite looks at all of them when a table is renamed.

mod rebuild;
mod table;

use std::collections::BTreeSet;

use migrate_core::Dialect;

use super::Scripted;
use super::definition::words;
use super::order::by_need;
use super::plan::Plan;
use super::table_change::ChangedTable;
use crate::quoting::quoted;
use crate::schema::{Object, Schema, Trigger, View};

const DIALECT: Dialect = Dialect::Sqlite;

pub(super) fn emit(plan: Plan<'_>) -> Scripted {
    let tables = plan.changed_tables();
    let mut emission = Emission {
        out: plan.remarks(&tables),
        plan,
        tables,
    };
    emission.whole();
    emission.out
}

struct Emission<'s> {
    plan: Plan<'s>,
    tables: Vec<ChangedTable<'s>>,
    out: Scripted,
}

impl<'s> Emission<'s> {
    fn whole(&mut self) {
        let rebuilt: BTreeSet<String> = self
            .tables
            .iter()
            .filter(|it| rebuild::is_needed(&it.change))
            .map(|it| it.before.name.name.to_lowercase())
            .collect();
        let switches = !rebuilt.is_empty();
        if switches {
            self.out.add("PRAGMA foreign_keys = OFF");
        }
        let (views_gone, views_new) = self.views(&rebuilt);
        let (triggers_gone, triggers_new) = self.triggers(&rebuilt, &views_gone, &views_new);
        for trigger in triggers_gone {
            let name = quoted(&trigger.name, DIALECT);
            self.out.add(format!("DROP TRIGGER {name}"));
        }
        for view in views_gone.iter().rev() {
            let name = quoted(&view.name.name, DIALECT);
            self.out.add(format!("DROP VIEW {name}"));
        }
        self.drop_indexes();
        self.drop_tables();
        let tables = std::mem::take(&mut self.tables);
        for changed in &tables {
            match rebuild::is_needed(&changed.change) {
                true => self.rebuild(changed),
                false => self.alter(changed),
            }
        }
        self.tables = tables;
        self.create_tables();
        self.create_indexes();
        for view in views_new {
            let what = format_args!("view `{}`", view.name);
            self.out.create(what, view.statement.clone());
        }
        for trigger in triggers_new {
            let what = format_args!("trigger `{}`", trigger.name);
            self.out.create(what, trigger.statement.clone());
        }
        if switches {
            self.out.add("PRAGMA foreign_keys = ON");
        }
    }

    /// The views that go and those that come, what is read before its readers.
    fn views(&self, rebuilt: &BTreeSet<String>) -> (Vec<&'s View>, Vec<&'s View>) {
        let mut gone = views(self.plan.dropped.iter().copied());
        let mut new = views(self.plan.made.iter().copied());
        for changed in &self.plan.changed {
            if let (Object::View(before), Object::View(after)) = (changed.before, changed.after) {
                gone.push(before);
                new.push(after);
            }
        }
        let mut named = rebuilt.clone();
        named.extend(gone.iter().map(|it| it.name.name.to_lowercase()));
        let all = views(
            self.plan
                .from
                .into_iter()
                .flat_map(Schema::objects)
                .map(|(_, it)| it),
        );
        while let Some(view) = all.iter().find(|view| {
            !gone.iter().any(|it| it.name == view.name)
                && names_one_of(view.statement.as_deref(), &named)
        }) {
            named.insert(view.name.name.to_lowercase());
            gone.push(view);
            let id = Object::View((*view).clone()).id(DIALECT);
            if let Some(Object::View(after)) = self.plan.to.get(&id) {
                new.push(after);
            }
        }
        let reads = |one: &&View, other: &&View| {
            let name = BTreeSet::from([other.name.name.to_lowercase()]);
            names_one_of(one.statement.as_deref(), &name)
        };
        (by_need(gone, reads), by_need(new, reads))
    }

    /// The triggers that have to go before anything else, and those that are made at the end. What
    /// belongs to a table or view goes with it by itself.
    fn triggers(
        &self,
        rebuilt: &BTreeSet<String>,
        views_gone: &[&'s View],
        views_new: &[&'s View],
    ) -> (Vec<&'s Trigger>, Vec<&'s Trigger>) {
        let (mut gone, mut new) = (Vec::new(), Vec::new());
        for object in &self.plan.made {
            if let Object::Table(table) = object {
                new.extend(&table.triggers);
            }
        }
        for changed in &self.tables {
            if rebuild::is_needed(&changed.change) {
                new.extend(&changed.after.triggers);
            } else {
                gone.extend(changed.change.triggers.gone.iter().copied());
                new.extend(changed.change.triggers.new.iter().copied());
            }
        }
        new.extend(views_new.iter().flat_map(|view| &view.triggers));
        let mut named = rebuilt.clone();
        named.extend(views_gone.iter().map(|it| it.name.name.to_lowercase()));
        if named.is_empty() {
            return (gone, new);
        }
        // Triggers elsewhere that name what is not there for a while.
        for (id, object) in self.plan.from.into_iter().flat_map(Schema::objects) {
            let (Object::Table(table), Some(Object::Table(after))) = (object, self.plan.to.get(id))
            else {
                continue;
            };
            if named.contains(&table.name.name.to_lowercase()) {
                continue;
            }
            for trigger in &table.triggers {
                let known = gone.iter().any(|it| it.name == trigger.name);
                if !known && names_one_of(trigger.statement.as_deref(), &named) {
                    gone.push(trigger);
                    let again = after.triggers.iter().find(|it| it.name == trigger.name);
                    new.extend(again);
                }
            }
        }
        (gone, new)
    }
}

fn views<'s>(objects: impl Iterator<Item = &'s Object>) -> Vec<&'s View> {
    objects
        .filter_map(|it| match it {
            Object::View(view) => Some(view),
            _ => None,
        })
        .collect()
}

/// Whether a statement has one of these names, in lower case, among its words.
fn names_one_of(statement: Option<&str>, names: &BTreeSet<String>) -> bool {
    statement.is_some_and(|it| !words(it, DIALECT).is_disjoint(names))
}
