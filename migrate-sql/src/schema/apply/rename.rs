//! Renames, which carry on into everything that names the object, and SET SCHEMA.

use std::sync::Arc;

use migrate_core::{Dialect, rule};

use super::rewrite::rename_in_table;
use super::{Applier, Target, class_of};
use crate::change::ObjectKind;
use crate::name::{Ident, ObjectName, QualifiedName};
use crate::schema::journal::Departure;
use crate::schema::lookup::Found;
use crate::schema::{Class, Object, ObjectId};

impl Applier<'_> {
    pub(super) fn rename(
        &mut self,
        kind: ObjectKind,
        from: &ObjectName,
        to: &ObjectName,
        table: Option<&ObjectName>,
        if_exists: bool,
    ) {
        match kind {
            ObjectKind::Table
            | ObjectKind::ForeignTable
            | ObjectKind::View
            | ObjectKind::MaterializedView
            | ObjectKind::Sequence => self.rename_relation(kind, from, to, if_exists),
            ObjectKind::Index => self.rename_index(from, to, if_exists),
            ObjectKind::Trigger => self.rename_trigger(from, to, table),
            ObjectKind::Policy => self.rename_policy(from, to, table),
            ObjectKind::Type | ObjectKind::Domain => self.rename_type(from, to, if_exists),
            ObjectKind::Function
            | ObjectKind::Procedure
            | ObjectKind::Routine
            | ObjectKind::Aggregate => self.rename_routine(from, to),
            ObjectKind::Schema => self.rename_schema(from, to),
            kind => {
                let id = self
                    .schema
                    .id(class_of(kind), &self.schema.new_name(from, false));
                if let Some(object) = self.schema.take(&id) {
                    let mut object = Arc::unwrap_or_clone(object);
                    object.set_name(self.schema.new_name(to, false));
                    self.schema.put(Arc::new(object));
                }
            }
        }
    }

    fn rename_relation(
        &mut self,
        kind: ObjectKind,
        from: &ObjectName,
        to: &ObjectName,
        if_exists: bool,
    ) {
        match self.schema.find(Class::Relation, from) {
            Found::Here(id) => {
                // PostgreSQL's ALTER TABLE renames views and sequences too.
                let lenient = self.is_postgres() && kind == ObjectKind::Table;
                let right = match (self.schema.get(&id), kind) {
                    (Some(Object::Table(_)), ObjectKind::Table | ObjectKind::ForeignTable) => true,
                    (Some(Object::View(_)), ObjectKind::View | ObjectKind::MaterializedView) => {
                        true
                    }
                    (Some(Object::Sequence(_)), ObjectKind::Sequence) => true,
                    _ => lenient || self.is_mysql(),
                };
                if right {
                    self.rename_table(&id, from, to);
                } else {
                    self.wrong_kind(from, &id, kind.name());
                }
            }
            Found::Perhaps(Some(id)) => {
                self.rename_table(&id, from, to);
            }
            // It has that name now, and nothing more is known of it.
            Found::Perhaps(None) => self.schema.perhaps([to.name.name.clone()]),
            Found::Nothing(id) => {
                if self.schema.index_owner(&id.name).is_some() {
                    return self.rename_index(from, to, if_exists);
                }
                if !if_exists {
                    let rule = match kind {
                        ObjectKind::Sequence => &rule::UNKNOWN_OBJECT,
                        _ => &rule::UNKNOWN_TABLE,
                    };
                    let missing = self.schema.missing(rule, kind.name(), from, &id);
                    self.refuse(missing);
                }
            }
        }
    }

    /// Gives a relation its new name, here and wherever it is named. The new identity.
    pub(super) fn rename_table(
        &mut self,
        id: &ObjectId,
        from: &ObjectName,
        to: &ObjectName,
    ) -> Option<ObjectId> {
        let old = self.schema.get(id)?.name();
        let schema = match &to.schema {
            Some(_) => self.schema.new_name(to, false).schema,
            None => old.schema.clone(),
        };
        let new = QualifiedName {
            schema,
            name: to.name.name.clone(),
        };
        let new_id = self.schema.id(Class::Relation, &new);
        if new_id != *id && !self.name_is_free(to, &new, "table") {
            return None;
        }
        self.move_object(id, &old, new, from);
        Some(new_id)
    }

    /// Moves an object to another name or schema.
    fn move_object(
        &mut self,
        id: &ObjectId,
        old: &QualifiedName,
        new: QualifiedName,
        written: &ObjectName,
    ) {
        let certain = self
            .schema
            .objects
            .get(id)
            .is_some_and(|it| it.epoch == self.schema.epoch);
        let Some(object) = self.schema.take(id) else {
            return;
        };
        let mut object = Arc::unwrap_or_clone(object);
        object.set_name(new.clone());
        self.names_that_follow(&mut object, &old.name, &new.name);
        object.rename_relation(old, &new);
        let new_id = object.id(self.dialect());
        self.schema.put(Arc::new(object));
        if !certain {
            self.schema.doubt(&new_id);
        }
        if id.class == Class::Relation {
            self.schema.relation_renamed(old, &new);
        }
        if new_id != *id {
            let origin = self.origin(written.span());
            let how = Departure::Renamed(new.to_string());
            self.schema.note_gone(id.clone(), None, how, origin);
        }
    }

    /// Names that databases made from a table's name, and make anew when it changes.
    fn names_that_follow(&self, object: &mut Object, old: &str, new: &str) {
        let Object::Table(table) = object else {
            return;
        };
        if self.is_mysql() {
            let prefix = format!("{old}_ibfk_");
            for key in &mut table.foreign_keys {
                if let Some(number) = key.name.strip_prefix(&prefix) {
                    key.name = format!("{new}_ibfk_{number}");
                }
            }
        }
    }

    fn rename_index(&mut self, from: &ObjectName, to: &ObjectName, if_exists: bool) {
        let (found, kept) = self.schema.find_index(from);
        match found {
            Found::Here(owner) | Found::Perhaps(Some(owner)) => {
                let new = QualifiedName {
                    schema: kept.schema.clone(),
                    name: to.name.name.clone(),
                };
                if !self.name_is_free(to, &new, "index") {
                    return;
                }
                let origin = self.origin(from.span());
                let id = self.schema.id(Class::Relation, &kept);
                let how = Departure::Renamed(to.name.name.clone());
                self.schema.note_gone(id, None, how, origin);
                self.schema.edit(&owner, |object| {
                    let follow = |name: &mut String| {
                        if *name == kept.name {
                            name.clone_from(&to.name.name);
                        }
                    };
                    match object {
                        Object::Table(table) => {
                            for key in table.primary_key.iter_mut().chain(&mut table.unique) {
                                follow(&mut key.name);
                            }
                            for constraint in &mut table.constraints {
                                if constraint.exclude.is_some() {
                                    follow(&mut constraint.name);
                                }
                            }
                            for index in &mut table.indexes {
                                follow(&mut index.name);
                            }
                        }
                        Object::View(view) => {
                            for index in &mut view.indexes {
                                follow(&mut index.name);
                            }
                        }
                        _ => {}
                    }
                });
            }
            Found::Perhaps(None) => self.schema.perhaps([to.name.name.clone()]),
            Found::Nothing(id) => {
                if self.schema.get(&id).is_some() && self.is_postgres() {
                    // ALTER INDEX renames whatever relation it is given.
                    self.rename_table(&id, from, to);
                } else if !if_exists {
                    self.index_is_missing(from, &id);
                }
            }
        }
    }

    fn rename_type(&mut self, from: &ObjectName, to: &ObjectName, if_exists: bool) {
        match self.schema.find(Class::Type, from) {
            Found::Here(id) | Found::Perhaps(Some(id)) => {
                let Some(old) = self.schema.get(&id).map(Object::name) else {
                    return;
                };
                let new = QualifiedName {
                    schema: old.schema.clone(),
                    name: to.name.name.clone(),
                };
                for user in self.schema.users(&id) {
                    self.schema.edit(&user, |object| {
                        follow_type(object, &old, &new);
                    });
                }
                self.move_object(&id, &old, new, from);
            }
            Found::Perhaps(None) => self.schema.perhaps([to.name.name.clone()]),
            Found::Nothing(id) => {
                let is_row_type =
                    !matches!(self.schema.find(Class::Relation, from), Found::Nothing(_));
                if !if_exists && !is_row_type {
                    let missing = self.schema.missing(&rule::UNKNOWN_TYPE, "type", from, &id);
                    self.refuse(missing);
                }
            }
        }
    }

    fn rename_routine(&mut self, from: &ObjectName, to: &ObjectName) {
        match self.schema.find_routine(from) {
            Found::Here(first) | Found::Perhaps(Some(first)) => {
                let routines = self.schema.routines(&first);
                // Which of several is meant depends on its arguments.
                if let [only] = routines.as_slice() {
                    let Some(old) = self.schema.get(only).map(Object::name) else {
                        return;
                    };
                    let new = QualifiedName {
                        schema: old.schema.clone(),
                        name: to.name.name.clone(),
                    };
                    let by_name = ObjectId {
                        arguments: String::new(),
                        ..first
                    };
                    for user in self.schema.users(&by_name) {
                        self.schema
                            .edit(&user, |object| follow_routine(object, &old, &new));
                    }
                    self.move_object(only, &old, new, from);
                } else {
                    for routine in &routines {
                        self.schema.doubt(routine);
                    }
                    self.schema.perhaps([to.name.name.clone()]);
                }
            }
            Found::Perhaps(None) => self.schema.perhaps([to.name.name.clone()]),
            Found::Nothing(id) => {
                let missing = self
                    .schema
                    .missing(&rule::UNKNOWN_OBJECT, "function", from, &id);
                self.refuse(missing);
            }
        }
    }

    fn rename_schema(&mut self, from: &ObjectName, to: &ObjectName) {
        let inside: Vec<ObjectId> = self
            .schema
            .objects
            .keys()
            .filter(|id| id.name.schema.as_deref() == Some(&*from.name.name))
            .cloned()
            .collect();
        for id in inside {
            let Some(old) = self.schema.get(&id).map(Object::name) else {
                continue;
            };
            let new = QualifiedName {
                schema: Some(to.name.name.clone()),
                name: old.name.clone(),
            };
            self.move_object(&id, &old, new, from);
        }
        let id = self
            .schema
            .id(Class::Schema, &QualifiedName::unqualified(&*from.name.name));
        let known = self.schema.take(&id).is_some();
        if known {
            let origin = self.origin(from.span());
            let how = Departure::Renamed(to.name.name.clone());
            self.schema.note_gone(id, None, how, origin);
            self.schema
                .put(Arc::new(Object::Schema(to.name.name.clone())));
        }
    }

    /// SET SCHEMA.
    pub(super) fn set_schema(
        &mut self,
        kind: ObjectKind,
        name: &ObjectName,
        schema: &Ident,
        if_exists: bool,
    ) {
        let class = class_of(kind);
        let found = match class {
            Class::Routine => self.schema.find_routine(name),
            Class::Relation | Class::Type => self.schema.find(class, name),
            _ => return,
        };
        match found {
            Found::Here(id) | Found::Perhaps(Some(id)) => {
                let Some(old) = self.schema.get(&id).map(Object::name) else {
                    return;
                };
                let written = ObjectName {
                    schema: Some(schema.clone()),
                    name: name.name.clone(),
                };
                let new = self.schema.new_name(&written, false);
                if class == Class::Type {
                    for user in self.schema.users(&id) {
                        self.schema
                            .edit(&user, |object| follow_type(object, &old, &new));
                    }
                }
                for sequence in self.sequences_of(&id, None) {
                    if let Some(old) = self.schema.get(&sequence).map(Object::name) {
                        let new = QualifiedName {
                            schema: new.schema.clone(),
                            name: old.name.clone(),
                        };
                        self.move_object(&sequence, &old, new, name);
                    }
                }
                self.move_object(&id, &old, new, name);
            }
            Found::Perhaps(None) => {}
            Found::Nothing(id) => {
                if !if_exists && self.schema.index_owner(&id.name).is_none() {
                    let rule = match class {
                        Class::Relation => &rule::UNKNOWN_TABLE,
                        Class::Type => &rule::UNKNOWN_TYPE,
                        _ => &rule::UNKNOWN_OBJECT,
                    };
                    let missing = self.schema.missing(rule, kind.name(), name, &id);
                    self.refuse(missing);
                }
            }
        }
    }

    /// RENAME COLUMN, which carries on into keys, indexes, checks, views and foreign keys.
    pub(super) fn rename_column(&mut self, target: &Target, from: &Ident, to: &Ident) {
        if self.column_at(target, from).is_none() {
            return;
        }
        let Some(table) = self.schema.table_by_id(&target.id) else {
            return;
        };
        let same = self.schema.same_name(&from.name, &to.name);
        if !same && let Some(index) = self.schema.column_index(table, &to.name) {
            if target.certain {
                let on = format!(" on table `{}`", table.name);
                let note = table
                    .columns
                    .get(index)
                    .and_then(|it| it.origin.as_ref())
                    .map(|it| {
                        format!("`{to}` was created in {}", crate::schema::lookup::place(it))
                    });
                self.duplicate("column", to, &on, note);
            }
            return;
        }
        let table_name = table.name.clone();
        let dialect = self.dialect();
        for user in self.schema.users(&target.id) {
            self.schema.edit(&user, |object| {
                follow_column(object, &table_name, from, to, dialect);
            });
        }
        self.schema.edit_table(&target.id, |table| {
            rename_in_table(table, &from.name, &to.name, dialect);
        });
        let origin = self.origin(from.span);
        self.schema.note_gone(
            target.id.clone(),
            Some(&from.name),
            Departure::Renamed(to.name.clone()),
            origin,
        );
        for child in self.children(&target.id) {
            let child = Target {
                id: child,
                certain: false,
            };
            self.rename_column(&child, from, to);
        }
    }

    pub(super) fn rename_view_column(&mut self, id: &ObjectId, from: &Ident, to: &Ident) {
        let missing = match self.schema.get(id) {
            Some(Object::View(view)) => {
                view.columns
                    .as_ref()
                    .is_some_and(|columns| !columns.contains(&from.name))
                    && self.schema.is_certain(id)
            }
            _ => false,
        };
        if missing {
            let conflict = self.schema.missing_column(id, from);
            self.refuse(conflict);
        }
        self.schema.edit(id, |object| {
            if let Object::View(view) = object {
                for column in view.columns.iter_mut().flatten() {
                    if *column == from.name {
                        column.clone_from(&to.name);
                    }
                }
            }
        });
    }
}

/// Follows a renamed column in another object.
fn follow_column(
    object: &mut Object,
    table: &QualifiedName,
    from: &Ident,
    to: &Ident,
    dialect: Dialect,
) {
    let follow = |name: &mut String| {
        if crate::schema::same_name(dialect, name, &from.name) {
            name.clone_from(&to.name);
        }
    };
    let follow_reads = |reads: &mut crate::schema::Reads| {
        if let Some(columns) = reads.get_mut(table)
            && columns.remove(&from.name)
        {
            columns.insert(to.name.clone());
        }
    };
    match object {
        Object::Table(other) => {
            for key in &mut other.foreign_keys {
                if key.references == *table {
                    key.referenced_columns.iter_mut().for_each(follow);
                }
            }
            for policy in &mut other.policies {
                follow_reads(&mut policy.reads);
            }
        }
        Object::View(view) => follow_reads(&mut view.reads),
        Object::Sequence(sequence) => {
            if let Some((owner, column)) = &mut sequence.owned_by
                && owner == table
            {
                follow(column);
            }
        }
        _ => {}
    }
}

/// Follows a renamed type.
fn follow_type(object: &mut Object, from: &QualifiedName, to: &QualifiedName) {
    let follow = |it: &mut crate::column_type::ColumnType| {
        if it.schema == from.schema && it.name == from.name {
            it.schema.clone_from(&to.schema);
            it.name.clone_from(&to.name);
        }
    };
    match object {
        Object::Table(table) => table
            .columns
            .iter_mut()
            .filter_map(|it| it.column_type.as_mut())
            .for_each(follow),
        Object::Domain(domain) => follow(&mut domain.base),
        _ => {}
    }
}

/// Follows a renamed function in triggers.
fn follow_routine(object: &mut Object, from: &QualifiedName, to: &QualifiedName) {
    let triggers = match object {
        Object::Table(table) => &mut table.triggers,
        Object::View(view) => &mut view.triggers,
        _ => return,
    };
    for trigger in triggers {
        if trigger.function.as_ref() == Some(from) {
            trigger.function = Some(to.clone());
        }
    }
}
