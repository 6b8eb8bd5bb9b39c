//! What has to be done, object by object.

use std::collections::{BTreeMap, BTreeSet};

use migrate_core::Dialect;

use super::Scripted;
use crate::diff::{self, DiffOptions, Difference, Part, What};
use crate::schema::{
    Column, Constraint, ForeignKey, Index, Key, Object, ObjectId, Policy, Schema, Table, Trigger,
    same_name,
};

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
    pub(super) said: Scripted,
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
                    "{} `{}` is made as far as it is known, which is not for certain",
                    object.kind().name(),
                    object.name()
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

    /// Says what is left as it is because nobody knows what it is.
    fn uncertain(&mut self) {
        let mut names: BTreeSet<String> = BTreeSet::new();
        for schema in self.from.into_iter().chain([self.to]) {
            for (id, object) in schema.objects() {
                if !schema.is_certain(id) && !matches!(object, Object::Other(_)) {
                    names.insert(format!("{} `{}`", object.kind().name(), object.name()));
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
                "{} `{}` is not compared, since only scripts tell about it",
                object.kind().name(),
                object.name()
            ));
        }
    }
}

/// Whether the type of a column is not known; only SQLite has columns without one.
fn has_unknown_type(table: &Table, dialect: Dialect) -> bool {
    dialect != Dialect::Sqlite && table.columns.iter().any(|it| it.column_type.is_none())
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

/// Says that what goes takes its rows or values with it, and where it may be a rename.
pub(super) fn losses<'t, 's: 't>(
    plan: &Plan<'s>,
    tables: impl Iterator<Item = (&'s Table, &'t TableChange<'s>)>,
) -> Scripted {
    let mut said = Scripted::default();
    let dialect = plan.to.dialect();
    if plan.purpose == Purpose::Back {
        for object in &plan.made {
            if let Object::Table(table) = object {
                let name = &table.name;
                said.loses(format!(
                    "table `{name}` is made again, but its rows do not come back"
                ));
            }
        }
        for (table, change) in tables {
            for column in &change.columns.new {
                if column.generated.is_none() {
                    said.loses(format!(
                        "column `{}` of `{}` is made again, but its values do not come back",
                        column.name, table.name
                    ));
                }
            }
            said.remarks.extend(risks(table, change, dialect).remarks);
        }
        return said;
    }
    let mut columns: BTreeMap<String, Vec<&Table>> = BTreeMap::new();
    for object in &plan.made {
        if let Object::Table(table) = object {
            columns.entry(shape(table)).or_default().push(table);
        }
    }
    for object in &plan.dropped {
        let Object::Table(table) = object else {
            continue;
        };
        match columns.get(&shape(table)).and_then(|it| it.first()) {
            Some(new) => said.loses(format!(
                "table `{}` goes, and its rows with it, and `{}` with the same columns is new; if \
                 it was renamed, write RENAME instead",
                table.name, new.name
            )),
            None => said.loses(format!("table `{}` goes, and its rows with it", table.name)),
        }
    }
    for (table, change) in tables {
        for column in &change.columns.gone {
            if column.generated.is_some() {
                continue;
            }
            let alike: Vec<&&Column> = change
                .columns
                .new
                .iter()
                .filter(|it| it.column_type == column.column_type)
                .collect();
            let renamed = match alike.first() {
                Some(new) => format!(
                    ", and `{}` of the same type is new; if it was renamed, write RENAME COLUMN \
                     instead",
                    new.name
                ),
                None => String::new(),
            };
            said.loses(format!(
                "column `{}` of `{}` goes, and its values with it{renamed}",
                column.name, table.name
            ));
        }
        said.remarks.extend(risks(table, change, dialect).remarks);
    }
    said
}

/// Changes of columns that the rows may not allow.
fn risks(table: &Table, change: &TableChange<'_>, dialect: Dialect) -> Scripted {
    let mut said = Scripted::default();
    for column in &change.columns.new {
        let filled = column.nullable
            || column.default.is_some()
            || column.generated.is_some()
            || column.identity.is_some()
            || column.auto_increment;
        if !filled {
            said.look(format!(
                "column `{}` of `{}` takes no NULL and has no default: it cannot be added \
                     where there are rows",
                column.name, table.name
            ));
        }
    }
    for (before, after, properties) in &change.altered {
        // Where SQLite makes the table anew, the default takes the place of NULL.
        let filled = dialect == Dialect::Sqlite && after.default.is_some();
        if properties.contains("takes") && before.nullable && !after.nullable && !filled {
            said.look(format!(
                "column `{}` of `{}` takes no NULL any more: that fails where it has some",
                after.name, table.name
            ));
        }
        // SQLite keeps values of any type in a column of any type.
        if properties.contains("type") && dialect != Dialect::Sqlite {
            said.look(format!(
                "column `{}` of `{}` gets another type: that fails where a value does not fit",
                after.name, table.name
            ));
        }
    }
    said
}

/// The names and types of a table's columns.
fn shape(table: &Table) -> String {
    let columns: Vec<String> = table
        .columns
        .iter()
        .map(|it| match &it.column_type {
            Some(column_type) => format!("{} {column_type}", it.name),
            None => it.name.clone(),
        })
        .collect();
    columns.join(", ")
}
