//! DROP, with what goes along and what stands in the way.

use migrate_core::{Dialect, rule};

use super::{Applier, Target, class_of};
use crate::change::{Drop, ObjectKind};
use crate::conflict::Conflict;
use crate::name::{Ident, ObjectName, QualifiedName, Span};
use crate::schema::journal::Departure;
use crate::schema::links::sequence_of;
use crate::schema::lookup::Found;
use crate::schema::{Class, Key, Object, ObjectId, Table};

impl Applier<'_> {
    pub(super) fn drop_objects(&mut self, drop: &Drop) {
        match drop.kind {
            ObjectKind::Table
            | ObjectKind::ForeignTable
            | ObjectKind::View
            | ObjectKind::MaterializedView
            | ObjectKind::Sequence => self.drop_relations(drop),
            ObjectKind::Index => {
                for name in &drop.names {
                    self.drop_index(drop, name);
                }
            }
            ObjectKind::Type | ObjectKind::Domain => {
                for name in &drop.names {
                    self.drop_type(drop, name);
                }
            }
            ObjectKind::Function
            | ObjectKind::Procedure
            | ObjectKind::Routine
            | ObjectKind::Aggregate => {
                for name in &drop.names {
                    self.drop_routine(drop, name);
                }
            }
            ObjectKind::Trigger => {
                for name in &drop.names {
                    self.drop_trigger(drop, name);
                }
            }
            ObjectKind::Policy => {
                for name in &drop.names {
                    self.drop_policy(drop, name);
                }
            }
            ObjectKind::Schema => {
                for name in &drop.names {
                    self.drop_schema(drop, name);
                }
            }
            ObjectKind::Extension => {
                for name in &drop.names {
                    self.drop_extension(drop, name);
                }
            }
            kind => {
                for name in &drop.names {
                    if kind == ObjectKind::Event
                        && !drop.if_exists
                        && let Found::Nothing(id) = self.schema.find(class_of(kind), name)
                    {
                        let what = kind.name();
                        let missing = self.schema.missing(&rule::UNKNOWN_OBJECT, what, name, &id);
                        self.refuse(missing);
                    }
                    let kept = self.schema.new_name(name, false);
                    let id = self.schema.id(class_of(kind), &kept);
                    self.schema.take(&id);
                }
            }
        }
    }

    fn drop_relations(&mut self, drop: &Drop) {
        let mut found: Vec<(&ObjectName, ObjectId, bool)> = Vec::new();
        for name in &drop.names {
            match self.schema.find(Class::Relation, name) {
                Found::Here(id) => {
                    if self.is_dropped_as(drop.kind, &id) {
                        found.push((name, id, true));
                    } else if self.is_mysql() && drop.if_exists {
                        // There is no such table, or no such view: a note there.
                    } else {
                        self.wrong_kind(name, &id, drop.kind.name());
                    }
                }
                Found::Perhaps(Some(id)) => found.push((name, id, false)),
                Found::Perhaps(None) => {}
                Found::Nothing(id) => {
                    if self.schema.index_owner(&id.name).is_some() {
                        let conflict = Conflict::new(
                            &rule::WRONG_KIND,
                            format!("`{name}` is an index, not a {}", drop.kind.name()),
                            name.span(),
                            "an index",
                        );
                        self.refuse(conflict);
                    } else if !drop.if_exists {
                        let (rule, what) = match drop.kind {
                            ObjectKind::Sequence => (&rule::UNKNOWN_OBJECT, "sequence"),
                            kind => (&rule::UNKNOWN_TABLE, kind.name()),
                        };
                        let missing = self.schema.missing(rule, what, name, &id);
                        self.refuse(missing);
                    }
                }
            }
        }
        for (at, (name, id, certain)) in found.iter().enumerate() {
            let mut before = found.iter().take(at);
            if *certain && !self.is_postgres() && before.any(|(_, other, _)| other == id) {
                self.refuse(Conflict::new(
                    &rule::BAD_DEFINITION,
                    format!("`{name}` is dropped twice in one statement"),
                    name.span(),
                    "the second time",
                ));
            }
        }
        let together: Vec<ObjectId> = found.iter().map(|(_, id, _)| id.clone()).collect();
        for (name, id, certain) in found {
            self.drop_relation(&id, name.span(), drop.cascade, certain, &together);
        }
    }

    /// Whether DROP of that kind takes the object.
    fn is_dropped_as(&self, kind: ObjectKind, id: &ObjectId) -> bool {
        match (self.schema.get(id), kind) {
            (Some(Object::Table(table)), ObjectKind::Table) => !table.foreign,
            (Some(Object::Table(table)), ObjectKind::ForeignTable) => table.foreign,
            (Some(Object::View(view)), ObjectKind::View) => !view.materialized,
            (Some(Object::View(view)), ObjectKind::MaterializedView) => view.materialized,
            // MariaDB keeps a sequence as a table.
            (Some(Object::Sequence(_)), ObjectKind::Table) => self.is_mysql(),
            (Some(Object::Sequence(_)), ObjectKind::Sequence) => true,
            _ => false,
        }
    }

    /// Drops a relation that is there. `together` is what the same statement drops.
    fn drop_relation(
        &mut self,
        id: &ObjectId,
        span: Span,
        cascade: bool,
        certain: bool,
        together: &[ObjectId],
    ) {
        let Some(object) = self.schema.get(id) else {
            return;
        };
        let (kind, name) = (object.kind(), object.name());
        for user in self.schema.users(id) {
            if user == *id || together.contains(&user) {
                continue;
            }
            self.drop_beside_sequence(&user, id, span, cascade, (certain, together));
            self.drop_beside(&user, (id, &name, kind), span, cascade, certain);
        }
        if let Some(Object::Sequence(sequence)) = self.schema.get(id)
            && let Some((table, column)) = sequence.owned_by.clone()
        {
            self.drop_owned_sequence(&table, &column, (&name, span), cascade, together);
        }
        let origin = self.origin(span);
        self.schema.take(id);
        self.schema
            .note_gone(id.clone(), None, Departure::Dropped, origin);
    }

    /// What counts with a sequence that goes with the table that owns it.
    pub(super) fn drop_beside_sequence(
        &mut self,
        sequence: &ObjectId,
        owner: &ObjectId,
        span: Span,
        cascade: bool,
        (certain, together): (bool, &[ObjectId]),
    ) {
        let Some(Object::Sequence(found)) = self.schema.get(sequence) else {
            return;
        };
        let name = found.name.clone();
        for user in self.schema.users(sequence) {
            let parent = self
                .schema
                .table_by_id(&user)
                .and_then(|it| it.partition_of.clone());
            // A partition goes with the owner.
            let goes_along =
                parent.is_some_and(|it| self.schema.id(Class::Relation, &it) == *owner);
            if user != *owner && !goes_along && !together.contains(&user) {
                let what = (sequence, &name, ObjectKind::Sequence);
                self.drop_beside(&user, what, span, cascade, certain);
            }
        }
    }

    /// What uses a relation that is dropped: it goes along, or it stands in the way.
    fn drop_beside(
        &mut self,
        user: &ObjectId,
        (id, name, kind): (&ObjectId, &QualifiedName, ObjectKind),
        span: Span,
        cascade: bool,
        certain: bool,
    ) {
        let certain = certain
            && self
                .schema
                .objects
                .get(user)
                .is_some_and(|it| it.epoch == self.schema.epoch);
        let what = kind.name();
        let used_by = match self.schema.get(user) {
            Some(Object::Sequence(_)) => {
                let origin = self.origin(span);
                self.schema.take(user);
                let with = Departure::DroppedWith(format!("{what} `{name}`"));
                self.schema.note_gone(user.clone(), None, with, origin);
                return;
            }
            Some(Object::View(view)) => match self.dialect() {
                // A view outlives its tables there, and fails when it is read.
                Dialect::Mysql | Dialect::Sqlite => return,
                _ => Some(format!("view `{}`", view.name)),
            },
            Some(Object::Table(table)) => {
                if table.partition_of.as_ref() == Some(name) {
                    self.drop_relation(user, span, true, certain, &[]);
                    return;
                }
                self.why_table_needs(table, name)
            }
            _ => None,
        };
        let Some(used_by) = used_by else {
            return;
        };
        if cascade && self.is_postgres() {
            self.drop_dependency(user, id, name, span);
            return;
        }
        let refused = match self.dialect() {
            Dialect::Mysql => self.schema.checks_foreign_keys,
            Dialect::Sqlite => false,
            _ => true,
        };
        if certain && refused {
            let note = self.schema.note(user);
            let mut conflict = Conflict::new(
                &rule::STILL_USED,
                format!("{what} `{name}` is still used by {used_by}"),
                span,
                "still used",
            )
            .note_maybe(note);
            if self.is_postgres() {
                conflict = conflict.help("drop what uses it first, or say CASCADE");
            }
            self.refuse(conflict);
        }
    }

    fn why_table_needs(&self, table: &Table, name: &QualifiedName) -> Option<String> {
        if let Some(key) = table.foreign_keys.iter().find(|it| it.references == *name) {
            return Some(if key.name.is_empty() {
                format!("a foreign key of `{}`", table.name)
            } else {
                format!("foreign key `{}` of `{}`", key.name, table.name)
            });
        }
        if table.inherits.contains(name) {
            return Some(format!("table `{}`, which inherits from it", table.name));
        }
        if let Some(policy) = table.policies.iter().find(|it| it.reads.contains_key(name)) {
            return Some(format!("policy `{}` of `{}`", policy.name, table.name));
        }
        // A default on a sequence.
        table
            .columns
            .iter()
            .find(|column| {
                column
                    .default
                    .as_ref()
                    .and_then(sequence_of)
                    .is_some_and(|it| it == *name)
            })
            .map(|column| format!("the default of `{}.{}`", table.name, column.name))
    }

    /// CASCADE: takes away what needs `name`, and no more.
    fn drop_dependency(
        &mut self,
        user: &ObjectId,
        id: &ObjectId,
        name: &QualifiedName,
        span: Span,
    ) {
        match self.schema.get(user) {
            Some(Object::View(_)) => self.drop_relation(user, span, true, true, &[]),
            Some(Object::Table(table)) if table.inherits.contains(name) => {
                self.drop_relation(user, span, true, true, &[]);
            }
            Some(Object::Table(_)) => {
                self.schema.edit_table(user, |table| {
                    table.foreign_keys.retain(|it| it.references != *name);
                    table.policies.retain(|it| !it.reads.contains_key(name));
                    for column in &mut table.columns {
                        if column
                            .default
                            .as_ref()
                            .and_then(sequence_of)
                            .is_some_and(|it| it == *name)
                        {
                            column.default = None;
                        }
                    }
                });
            }
            _ => self.schema.doubt(id),
        }
    }

    fn drop_owned_sequence(
        &mut self,
        table: &QualifiedName,
        column: &str,
        (name, span): (&QualifiedName, Span),
        cascade: bool,
        together: &[ObjectId],
    ) {
        let owner = self.schema.id(Class::Relation, table);
        if together.contains(&owner) {
            return;
        }
        let Some(found) = self
            .schema
            .table_by_id(&owner)
            .and_then(|table| table.columns.iter().find(|it| it.name == column))
        else {
            return;
        };
        let identity = found.identity.is_some();
        if !found.auto_increment && !identity {
            return;
        }
        if cascade && !identity {
            self.schema.edit_table(&owner, |table| {
                for it in table.columns.iter_mut().filter(|it| it.name == column) {
                    it.auto_increment = false;
                }
            });
            return;
        }
        if self.schema.is_certain(&owner) {
            self.refuse(Conflict::new(
                &rule::STILL_USED,
                format!("sequence `{name}` is still used by column `{table}.{column}`"),
                span,
                "still used",
            ));
        }
    }

    /// Takes a table out with all that goes along; for OR REPLACE.
    pub(super) fn remove_table(&mut self, id: &ObjectId, span: Span) {
        if self.schema.table_by_id(id).is_some() {
            self.drop_relation(id, span, false, true, &[]);
        }
    }

    fn drop_schema(&mut self, drop: &Drop, name: &ObjectName) {
        let id = self
            .schema
            .id(Class::Schema, &QualifiedName::unqualified(&*name.name.name));
        let inside: Vec<ObjectId> = self
            .schema
            .objects
            .keys()
            .filter(|it| it.name.schema.as_deref() == Some(&*id.name.name))
            .cloned()
            .collect();
        if let (Some(first), false, true) = (inside.first(), drop.cascade, self.is_postgres()) {
            if self.schema.is_certain(first) {
                let conflict = Conflict::new(
                    &rule::STILL_USED,
                    format!("schema `{name}` is not empty: it has `{}`", first.name.name),
                    name.span(),
                    "not empty",
                );
                self.refuse(conflict.help("drop what is in it first, or say CASCADE"));
            }
            return;
        }
        if self.schema.get(&id).is_none() {
            let as_written = ObjectName::unqualified(name.name.clone());
            if self.schema.note_of_departure(&id, None).is_some() && !drop.if_exists {
                let missing =
                    self.schema
                        .missing(&rule::UNKNOWN_OBJECT, "schema", &as_written, &id);
                self.refuse(missing);
            }
        }
        for object in &inside {
            if self.schema.get(object).is_some() {
                self.drop_relation(object, name.span(), true, true, &inside);
            }
        }
        let origin = self.origin(name.span());
        self.schema.take(&id);
        self.schema.note_gone(id, None, Departure::Dropped, origin);
    }

    fn drop_extension(&mut self, drop: &Drop, name: &ObjectName) {
        let id = self.schema.id(
            Class::Extension,
            &QualifiedName::unqualified(&*name.name.name),
        );
        let known = self.schema.take(&id).is_some();
        // What a server brings is there without CREATE EXTENSION.
        let _ = drop;
        if known {
            let origin = self.origin(name.span());
            self.schema.note_gone(id, None, Departure::Dropped, origin);
        }
    }

    /// Whether nothing needs a key that is to be dropped: foreign keys of this table or another.
    pub(super) fn key_is_free(&mut self, target: &Target, key: &Key, name: &Ident, cascade: bool) {
        if self.is_sqlite() {
            return;
        }
        let same = |columns: &[String]| {
            columns.len() == key.columns.len() && columns.iter().all(|it| key.columns.contains(it))
        };
        let Some(table) = self.schema.table_by_id(&target.id) else {
            return;
        };
        let table_name = table.name.clone();
        // Another key on the same columns may be the one that is leaned on.
        let others = table
            .keys()
            .filter(|it| it.name != key.name && same(&it.columns))
            .count()
            + table
                .indexes
                .iter()
                .filter(|it| {
                    it.unique
                        && it.name != key.name
                        && same(
                            &it.keys
                                .iter()
                                .filter_map(|key| key.column.clone())
                                .collect::<Vec<_>>(),
                        )
                })
                .count();
        if others > 0 || self.is_mysql() {
            return;
        }
        for user in self.schema.users(&target.id) {
            let Some(other) = self.schema.table_by_id(&user) else {
                continue;
            };
            let Some(foreign) = other
                .foreign_keys
                .iter()
                .find(|it| it.references == table_name && same(&it.referenced_columns))
            else {
                continue;
            };
            if cascade {
                self.schema.edit_table(&user, |other| {
                    other.foreign_keys.retain(|it| {
                        !(it.references == table_name && same(&it.referenced_columns))
                    });
                });
            } else if target.certain && self.schema.is_certain(&user) {
                let conflict = Conflict::new(
                    &rule::STILL_USED,
                    format!(
                        "`{name}` is still used by foreign key `{}` of `{}`",
                        foreign.name, other.name
                    ),
                    name.span,
                    "still used",
                )
                .help("drop the foreign key first, or say CASCADE");
                self.refuse(conflict);
            }
        }
    }
}
