//! Indexes.

use migrate_core::{Dialect, rule};

use super::constraint::index_key;
use super::{Applier, Target};
use crate::change::{AlterIndex, CreateIndex, Drop};
use crate::conflict::Conflict;
use crate::name::{Ident, ObjectName, QualifiedName};
use crate::schema::journal::Departure;
use crate::schema::lookup::{Found, listed};
use crate::schema::{Class, Index, Key, Object, ObjectId};

impl Applier<'_> {
    /// CREATE INDEX.
    pub(super) fn create_index(&mut self, create: &CreateIndex) {
        let Some(table) = &create.table else {
            return;
        };
        match self.schema.find(Class::Relation, table) {
            Found::Here(id) | Found::Perhaps(Some(id)) => match self.schema.get(&id) {
                Some(Object::Table(_)) => {
                    let certain = self.schema.is_certain(&id);
                    self.add_index(&Target { id, certain }, create);
                }
                Some(Object::View(view)) if view.materialized => {
                    self.index_view(&id, create);
                }
                _ => self.wrong_kind(table, &id, "table"),
            },
            Found::Perhaps(None) => {}
            Found::Nothing(id) => {
                let missing = self
                    .schema
                    .missing(&rule::UNKNOWN_TABLE, "table", table, &id);
                self.refuse(missing);
            }
        }
    }

    /// Adds an index to a table, from CREATE INDEX or from inside CREATE and ALTER TABLE.
    pub(super) fn add_index(&mut self, target: &Target, create: &CreateIndex) {
        if let Some(name) = &create.name
            && self.index_name_is_taken(target, name, create)
        {
            return;
        }
        self.parts_exist(target, &create.parts);
        if self.is_mysql() {
            let method = create.method.as_deref();
            self.mysql_key(target, create.name.as_ref(), &create.parts, method, false);
        }
        for column in &create.include {
            self.column_at(target, column);
        }
        if let Some(predicate) = &create.predicate {
            self.resolve_in_table(target, predicate);
        }
        let Some(table) = self.schema.table_by_id(&target.id) else {
            return;
        };
        let name = match &create.name {
            Some(name) => name.name.clone(),
            None => self.schema.choose_index_name(
                &table.name,
                table,
                &create.parts,
                &create.include,
                "idx",
            ),
        };
        let mut index = self.index_of(create, name);
        self.settle_index(table, &mut index);
        self.schema
            .edit_table(&target.id, |table| table.indexes.push(index));
        if self.is_mysql() {
            self.drop_implicit_indexes(target);
        }
        if !create.only {
            self.keys_to_partitions(target);
        }
    }

    fn index_of(&self, create: &CreateIndex, name: String) -> Index {
        Index {
            name,
            unique: create.unique,
            method: create.method.clone().unwrap_or_else(|| "btree".to_owned()),
            keys: create.parts.iter().map(index_key).collect(),
            include: create.include.iter().map(|it| it.name.clone()).collect(),
            nulls_not_distinct: create.nulls_not_distinct,
            predicate: create.predicate.clone(),
            valid: true,
            implicit: false,
            origin: Some(self.origin(create.name.as_ref().map_or(create.span, |it| it.span))),
        }
    }

    /// The index of a materialized view.
    fn index_view(&mut self, id: &ObjectId, create: &CreateIndex) {
        let Some(view) = self.schema.get(id).map(Object::name) else {
            return;
        };
        if let Some(name) = &create.name {
            let kept = QualifiedName {
                schema: view.schema.clone(),
                name: name.name.clone(),
            };
            if create.if_not_exists && self.schema.relation_exists(&kept) {
                return;
            }
            self.name_is_free(&ObjectName::unqualified(name.clone()), &kept, "index");
        }
        // Named as for a table of that name.
        let stand_in = crate::schema::Table::new(view.clone());
        let name = create.name.as_ref().map_or_else(
            || {
                self.schema.choose_index_name(
                    &view,
                    &stand_in,
                    &create.parts,
                    &create.include,
                    "idx",
                )
            },
            |name| name.name.clone(),
        );
        let index = self.index_of(create, name);
        let columns = match self.schema.get(id) {
            Some(Object::View(view)) if self.schema.is_certain(id) => view.columns.clone(),
            _ => None,
        };
        for column in create.parts.iter().filter_map(|part| part.as_column()) {
            if columns
                .as_ref()
                .is_some_and(|it| !it.contains(&column.name))
            {
                let missing = self.schema.missing_column(id, column);
                self.refuse(missing);
            }
        }
        self.schema.edit(id, |object| {
            if let Object::View(view) = object {
                view.indexes.push(index);
            }
        });
    }

    /// Whether nothing is to be made: IF NOT EXISTS of what is there. Another index of that name is
    /// a conflict.
    fn index_name_is_taken(&mut self, target: &Target, name: &Ident, create: &CreateIndex) -> bool {
        let Some(table) = self.schema.table_by_id(&target.id) else {
            return false;
        };
        if self.is_mysql() {
            let taken = table
                .indexes
                .iter()
                .any(|it| !it.implicit && self.schema.same_name(&it.name, &name.name));
            if !taken {
                return false;
            }
            if create.or_replace {
                self.schema.edit_table(&target.id, |table| {
                    table
                        .indexes
                        .retain(|it| !it.name.eq_ignore_ascii_case(&name.name));
                });
                return false;
            }
            if !create.if_not_exists && target.certain {
                let on = format!(" on table `{}`", table.name);
                self.duplicate("index", name, &on, None);
            }
            return create.if_not_exists;
        }
        let kept = QualifiedName {
            schema: table.name.schema.clone(),
            name: name.name.clone(),
        };
        if create.if_not_exists && self.schema.relation_exists(&kept) {
            return true;
        }
        let note = self
            .schema
            .index_owner(&kept)
            .map(|owner| format!("`{name}` is an index of `{}`", owner.name));
        let before = self.conflicts.len();
        self.name_is_free(&ObjectName::unqualified(name.clone()), &kept, "index");
        if let (true, Some(conflict)) = (self.conflicts.len() > before, self.conflicts.last_mut()) {
            conflict.notes.extend(note);
        }
        false
    }

    /// ALTER INDEX.
    pub(super) fn alter_index(&mut self, alter: &AlterIndex) {
        for name in std::iter::once(&alter.name).chain(&alter.attach) {
            let (found, _) = self.schema.find_index(name);
            if let Found::Nothing(id) = found
                && !alter.if_exists
            {
                self.index_is_missing(name, &id);
            }
        }
    }

    pub(super) fn index_is_missing(&mut self, name: &ObjectName, id: &ObjectId) {
        if self.schema.get(id).is_some() {
            self.wrong_kind(name, id, "index");
            return;
        }
        let mut conflict = Conflict::new(
            &rule::UNKNOWN_INDEX,
            format!("index `{name}` does not exist"),
            name.span(),
            "no such index",
        );
        match self.schema.note_of_departure(id, None) {
            Some(note) => conflict = conflict.note(note),
            None => {
                let names = self.schema.index_names_like(id);
                if let Some(meant) =
                    migrate_core::closest(&name.name.name, names.iter().map(String::as_str))
                {
                    conflict = conflict.help(format!("did you mean `{meant}`?"));
                }
            }
        }
        self.refuse(conflict);
    }

    /// An index that is not on a table.
    pub(super) fn no_such_index(&mut self, target: &Target, name: &Ident) {
        let Some(table) = self.schema.table_by_id(&target.id) else {
            return;
        };
        let names: Vec<&str> = table.index_names().filter(|it| !it.is_empty()).collect();
        let mut conflict = Conflict::new(
            &rule::UNKNOWN_INDEX,
            format!("index `{name}` does not exist on table `{}`", table.name),
            name.span,
            "no such index",
        );
        if !names.is_empty() {
            conflict = conflict.note(format!(
                "`{}` has the indexes: {}",
                table.name,
                listed(names.iter().copied())
            ));
        }
        if let Some(meant) = migrate_core::closest(&name.name, names) {
            conflict = conflict.help(format!("did you mean `{meant}`?"));
        }
        self.refuse(conflict);
    }

    /// DROP INDEX of a name that is unique in its schema, or of a MySQL table.
    pub(super) fn drop_index(&mut self, drop: &Drop, name: &ObjectName) {
        if let (Some(table), Dialect::Mysql) = (&drop.table, self.dialect()) {
            if let Some(target) = self.table_target(table, false) {
                self.drop_index_of(&target, &name.name, drop.if_exists);
                self.foreign_keys_keep_their_indexes(&target, &name.name);
            }
            return;
        }
        let (found, kept) = self.schema.find_index(name);
        match found {
            Found::Here(owner) | Found::Perhaps(Some(owner)) => {
                self.drop_named_index(drop, name, &kept, &owner);
            }
            Found::Perhaps(None) => {}
            Found::Nothing(id) => {
                if !drop.if_exists || self.schema.get(&id).is_some() {
                    self.index_is_missing(name, &id);
                }
            }
        }
    }

    fn drop_named_index(
        &mut self,
        drop: &Drop,
        name: &ObjectName,
        kept: &QualifiedName,
        owner: &ObjectId,
    ) {
        let certain = self.schema.is_certain(owner);
        if let Some(table) = self.schema.table_by_id(owner) {
            let key: Option<Key> = table.keys().find(|it| it.name == kept.name).cloned();
            let exclude = table
                .constraints
                .iter()
                .any(|it| it.exclude.is_some() && it.name == kept.name);
            if (key.is_some() || exclude) && certain {
                let table = table.name.clone();
                self.refuse(
                    Conflict::new(
                        &rule::STILL_USED,
                        format!("index `{name}` belongs to a constraint of `{table}`"),
                        name.span(),
                        "belongs to a constraint",
                    )
                    .help(format!("ALTER TABLE {table} DROP CONSTRAINT {}", kept.name)),
                );
                return;
            }
            self.unique_index_is_free(owner, name, drop.cascade);
        }
        let origin = self.origin(name.span());
        let id = self.schema.id(Class::Relation, kept);
        self.schema.note_gone(id, None, Departure::Dropped, origin);
        for child in self.children(owner) {
            self.drop_child_index(owner, &child, &kept.name);
        }
        let dialect = self.dialect();
        self.schema.edit(owner, |object| {
            let indexes = match object {
                Object::Table(table) => &mut table.indexes,
                Object::View(view) => &mut view.indexes,
                _ => return,
            };
            indexes.retain(|it| !crate::schema::same_name(dialect, &it.name, &kept.name));
        });
    }

    /// A unique index that a foreign key of another table leans on stays.
    fn unique_index_is_free(&mut self, owner: &ObjectId, name: &ObjectName, cascade: bool) {
        let Some(table) = self.schema.table_by_id(owner) else {
            return;
        };
        let Some(index) = table
            .indexes
            .iter()
            .find(|it| it.name == name.name.name && it.unique && it.predicate.is_none())
        else {
            return;
        };
        let key = Key {
            name: index.name.clone(),
            columns: index
                .keys
                .iter()
                .filter_map(|it| it.column.clone())
                .collect(),
            nulls_not_distinct: false,
            deferrable: false,
            initially_deferred: false,
            origin: None,
        };
        let target = Target {
            certain: self.schema.is_certain(owner),
            id: owner.clone(),
        };
        self.key_is_free(&target, &key, &name.name, cascade);
    }

    /// MySQL's DROP INDEX inside ALTER TABLE.
    pub(super) fn drop_index_of(&mut self, target: &Target, name: &Ident, if_exists: bool) {
        let Some(table) = self.schema.table_by_id(&target.id) else {
            return;
        };
        if name.name.eq_ignore_ascii_case("PRIMARY") {
            self.drop_primary_key(target, name.span);
            return;
        }
        let at = table
            .indexes
            .iter()
            .position(|it| self.schema.same_name(&it.name, &name.name));
        match at {
            Some(at) => {
                self.schema.edit_table(&target.id, |table| {
                    if at < table.indexes.len() {
                        table.indexes.remove(at);
                    }
                });
            }
            None if target.certain && !if_exists => self.no_such_index(target, name),
            None => {}
        }
    }

    /// MySQL's RENAME INDEX.
    pub(super) fn rename_index_of(&mut self, target: &Target, from: &Ident, to: &Ident) {
        let Some(table) = self.schema.table_by_id(&target.id) else {
            return;
        };
        let at = |name: &str| {
            table
                .indexes
                .iter()
                .position(|it| self.schema.same_name(&it.name, name))
        };
        match (at(&from.name), at(&to.name)) {
            (Some(from), Some(other)) if from != other && target.certain => {
                let on = format!(" on table `{}`", table.name);
                self.duplicate("index", to, &on, None);
            }
            (Some(at), _) => {
                self.schema.edit_table(&target.id, |table| {
                    if let Some(index) = table.indexes.get_mut(at) {
                        index.name.clone_from(&to.name);
                    }
                });
            }
            (None, _) if target.certain => self.no_such_index(target, from),
            (None, _) => {}
        }
    }
}
