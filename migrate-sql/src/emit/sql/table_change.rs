//! What happens to the parts of one table.

use std::collections::BTreeSet;

use migrate_core::Dialect;

use crate::diff::{Difference, Part, What};
use crate::schema::{
    Column, Constraint, ForeignKey, Index, Key, Policy, Table, Trigger, same_name,
};

/// A table on both sides.
pub(super) struct ChangedTable<'s> {
    pub(super) before: &'s Table,
    pub(super) after: &'s Table,
    pub(super) change: TableChange<'s>,
}

/// What happens to the parts of one table.
#[derive(Default)]
pub(super) struct TableChange<'s> {
    pub(super) columns: Parts<'s, Column>,
    /// Columns on both sides, with the properties that differ.
    pub(super) altered: Vec<(&'s Column, &'s Column, BTreeSet<&'static str>)>,
    pub(super) primary_key: Parts<'s, Key>,
    pub(super) unique: Parts<'s, Key>,
    pub(super) foreign_keys: Parts<'s, ForeignKey>,
    pub(super) constraints: Parts<'s, Constraint>,
    pub(super) indexes: Parts<'s, Index>,
    pub(super) triggers: Parts<'s, Trigger>,
    pub(super) policies: Parts<'s, Policy>,
    /// Keys of which nothing but the name differs: the names before and after.
    pub(super) renamed_keys: Vec<(&'s str, &'s str)>,
    /// Properties of the table itself.
    pub(super) properties: BTreeSet<&'static str>,
}

/// Parts of a table that go and that come; one that differs does both.
pub(super) struct Parts<'s, T> {
    pub(super) gone: Vec<&'s T>,
    pub(super) new: Vec<&'s T>,
}

impl<T> Default for Parts<'_, T> {
    fn default() -> Self {
        Parts {
            gone: Vec::new(),
            new: Vec::new(),
        }
    }
}

impl<'s, T> Parts<'s, T> {
    pub(super) fn is_empty(&self) -> bool {
        self.gone.is_empty() && self.new.is_empty()
    }

    fn take(
        &mut self,
        what: &What,
        before: impl IntoIterator<Item = &'s T>,
        after: impl IntoIterator<Item = &'s T>,
        is: impl Fn(&T) -> bool,
    ) {
        let add = |list: &mut Vec<&'s T>, found: Option<&'s T>| {
            if let Some(found) = found
                && !list.iter().any(|it| std::ptr::eq(*it, found))
            {
                list.push(found);
            }
        };
        if *what != What::Missing {
            add(&mut self.gone, before.into_iter().find(|it| is(it)));
        }
        if *what != What::Extra {
            add(&mut self.new, after.into_iter().find(|it| is(it)));
        }
    }
}

impl<'s> TableChange<'s> {
    pub(super) fn new(
        before: &'s Table,
        after: &'s Table,
        differences: &[Difference],
        dialect: Dialect,
    ) -> Self {
        let mut change = TableChange::default();
        change.rename_keys(before, after, differences);
        for difference in differences {
            let what = &difference.what;
            match &difference.part {
                None => {
                    if let What::Differs { property, .. } = what {
                        change.properties.insert(property);
                    }
                }
                Some(part) => change.part(part, what, before, after, dialect),
            }
        }
        change
    }

    fn part(
        &mut self,
        part: &Part,
        what: &What,
        before: &'s Table,
        after: &'s Table,
        dialect: Dialect,
    ) {
        match part {
            Part::Column(name) => {
                let is = |column: &Column| same_name(dialect, &column.name, name);
                match what {
                    What::Differs { property, .. } => {
                        let one = before.columns.iter().find(|it| is(it));
                        let other = after.columns.iter().find(|it| is(it));
                        if let (Some(one), Some(other)) = (one, other) {
                            self.alter(one, other, property);
                        }
                    }
                    _ => self.columns.take(what, &before.columns, &after.columns, is),
                }
            }
            Part::PrimaryKey => {
                if !self.is_renamed(before.primary_key.as_ref()) {
                    self.primary_key
                        .take(what, &before.primary_key, &after.primary_key, |_| true);
                }
            }
            Part::UniqueKey(name) => {
                self.unique
                    .take(what, &before.unique, &after.unique, |it| it.name == *name);
            }
            Part::ForeignKey(_) => {
                self.foreign_keys
                    .take(what, &before.foreign_keys, &after.foreign_keys, |it| {
                        Part::of_foreign_key(it) == *part
                    });
            }
            Part::Check(_) | Part::Exclude(_) => {
                self.constraints
                    .take(what, &before.constraints, &after.constraints, |it| {
                        Part::of_constraint(it) == *part
                    });
            }
            Part::Index(_) => self
                .indexes
                .take(what, &before.indexes, &after.indexes, |it| {
                    Part::of_index(it) == *part
                }),
            Part::Trigger(name) => {
                self.triggers
                    .take(what, &before.triggers, &after.triggers, |it| {
                        same_name(dialect, &it.name, name)
                    });
            }
            Part::Policy(name) => {
                self.policies
                    .take(what, &before.policies, &after.policies, |it| {
                        it.name == *name
                    });
            }
        }
    }

    fn alter(&mut self, before: &'s Column, after: &'s Column, property: &'static str) {
        match self
            .altered
            .iter_mut()
            .find(|(one, ..)| std::ptr::eq(*one, before))
        {
            Some((_, _, properties)) => {
                properties.insert(property);
            }
            None => self
                .altered
                .push((before, after, BTreeSet::from([property]))),
        }
    }

    /// A primary key of which nothing but the name differs.
    fn rename_keys(&mut self, before: &'s Table, after: &'s Table, differences: &[Difference]) {
        let mut of_key = differences
            .iter()
            .filter(|it| it.part == Some(Part::PrimaryKey));
        let only_name = of_key.clone().count() == 1
            && of_key.all(|it| {
                matches!(
                    it.what,
                    What::Differs {
                        property: "name",
                        ..
                    }
                )
            });
        if let (true, Some(one), Some(other)) = (only_name, &before.primary_key, &after.primary_key)
        {
            self.renamed_keys.push((&one.name, &other.name));
        }
    }

    fn is_renamed(&self, key: Option<&Key>) -> bool {
        key.is_some_and(|key| self.renamed_keys.iter().any(|(from, _)| *from == key.name))
    }
}
