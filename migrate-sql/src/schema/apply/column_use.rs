//! What needs a column, so that it cannot be dropped or get another type.

use migrate_core::{Dialect, rule};

use super::rewrite::reads_column;
use super::{Applier, Target};
use crate::conflict::Conflict;
use crate::name::Ident;
use crate::schema::{Object, ObjectId, Table};

/// Something that needs a column.
enum User {
    /// A view or the like, as messages name it.
    Object(ObjectId, String),
    /// A foreign key of another table.
    ForeignKey(ObjectId, String, String),
    /// Something of the table itself.
    Own(String),
}

impl Applier<'_> {
    /// A conflict where something needs the column. `verb` is what happens to it.
    pub(super) fn column_is_free(&mut self, target: &Target, name: &Ident, verb: &str) {
        if !target.certain {
            return;
        }
        let Some(user) = self.users_of_column(target, name, verb).into_iter().next() else {
            return;
        };
        let (used_by, note) = match &user {
            User::Object(id, what) => {
                if !self.schema.is_certain(id) {
                    return;
                }
                (what.clone(), self.schema.note(id))
            }
            User::ForeignKey(id, key, table) => {
                if !self.schema.is_certain(id) {
                    return;
                }
                (format!("foreign key `{key}` of `{table}`"), None)
            }
            User::Own(what) => (what.clone(), None),
        };
        let mut conflict = Conflict::new(
            &rule::STILL_USED,
            format!("cannot {verb} column `{name}`: {used_by} needs it"),
            name.span,
            "still used",
        )
        .note_maybe(note);
        if verb == "drop" && self.is_postgres() {
            conflict = conflict.help("drop what needs it first, or say CASCADE");
        }
        self.refuse(conflict);
    }

    /// CASCADE: takes away what needs the column.
    pub(super) fn drop_what_uses_column(&mut self, target: &Target, name: &Ident) {
        for user in self.users_of_column(target, name, "drop") {
            match user {
                User::Object(id, _) => {
                    self.remove_with_dependents(&id, name.span);
                }
                User::ForeignKey(id, key, _) => {
                    self.schema.edit_table(&id, |table| {
                        table.foreign_keys.retain(|it| it.name != key);
                    });
                }
                User::Own(_) => {
                    let dialect = self.dialect();
                    self.schema.edit_table(&target.id, |table| {
                        table.columns.retain(|it| {
                            !it.generated
                                .as_ref()
                                .is_some_and(|it| reads_column(&it.expression, &name.name, dialect))
                        });
                        table.policies.retain(|it| {
                            !it.expressions
                                .iter()
                                .any(|it| reads_column(it, &name.name, dialect))
                        });
                        table.triggers.retain(|it| !it.columns.contains(&name.name));
                    });
                }
            }
        }
    }

    fn users_of_column(&self, target: &Target, name: &Ident, verb: &str) -> Vec<User> {
        let Some(table) = self.schema.table_by_id(&target.id) else {
            return Vec::new();
        };
        let mut users = Vec::new();
        let dropping = verb == "drop";
        for user in self.schema.users(&target.id) {
            match self.schema.get(&user) {
                Some(Object::View(view)) if self.is_postgres() => {
                    let reads = view
                        .reads
                        .get(&table.name)
                        .is_some_and(|columns| columns.contains(&name.name));
                    if reads {
                        let what = format!("view `{}`", view.name);
                        users.push(User::Object(user, what));
                    }
                }
                Some(Object::Table(other)) if dropping => {
                    self.foreign_keys_on(table, name, &user, other, &mut users);
                }
                _ => {}
            }
        }
        users.extend(self.own_users(table, name, dropping).map(User::Own));
        users
    }

    /// Foreign keys of other tables that reference the column.
    fn foreign_keys_on(
        &self,
        table: &Table,
        name: &Ident,
        id: &ObjectId,
        other: &Table,
        users: &mut Vec<User>,
    ) {
        if self.is_sqlite() || (self.is_mysql() && !self.schema.checks_foreign_keys) {
            return;
        }
        let own = other.name == table.name;
        for key in &other.foreign_keys {
            let references = key.references == table.name
                && key
                    .referenced_columns
                    .iter()
                    .any(|it| self.schema.same_name(it, &name.name));
            let leaves = own
                && key
                    .columns
                    .iter()
                    .any(|it| self.schema.same_name(it, &name.name));
            if references && !leaves {
                users.push(User::ForeignKey(
                    id.clone(),
                    key.name.clone(),
                    other.name.to_string(),
                ));
            }
        }
    }

    /// What of the table itself needs a column: each database keeps other things.
    fn own_users(
        &self,
        table: &Table,
        name: &Ident,
        dropping: bool,
    ) -> impl Iterator<Item = String> {
        let dialect = self.dialect();
        let is = |it: &String| self.schema.same_name(it, &name.name);
        let mut found = Vec::new();
        for column in &table.columns {
            if let Some(generated) = &column.generated
                && !is(&column.name)
                && reads_column(&generated.expression, &name.name, dialect)
            {
                found.push(format!("generated column `{}`", column.name));
            }
        }
        match dialect {
            Dialect::Postgres => {
                for policy in &table.policies {
                    if policy
                        .expressions
                        .iter()
                        .any(|it| reads_column(it, &name.name, dialect))
                    {
                        found.push(format!("policy `{}`", policy.name));
                    }
                }
                for trigger in &table.triggers {
                    if trigger.columns.iter().any(is) {
                        found.push(format!("trigger `{}`", trigger.name));
                    }
                }
                if dropping
                    && table
                        .partition_by
                        .as_ref()
                        .is_some_and(|by| super::column::has_word(by, &name.name))
                {
                    found.push("the partition key".to_owned());
                }
            }
            Dialect::Mysql if dropping => {
                for key in &table.foreign_keys {
                    if key.columns.iter().any(is) {
                        found.push(format!("foreign key `{}`", key.name));
                    }
                }
            }
            Dialect::Sqlite if dropping => {
                if table
                    .primary_key
                    .as_ref()
                    .is_some_and(|key| key.columns.iter().any(is))
                {
                    found.push("the primary key".to_owned());
                }
                for index in &table.indexes {
                    let reads = index.keys.iter().any(|key| {
                        key.column.as_ref().is_some_and(is)
                            || key
                                .expression
                                .as_ref()
                                .is_some_and(|it| reads_column(it, &name.name, dialect))
                    }) || index
                        .predicate
                        .as_ref()
                        .is_some_and(|it| reads_column(it, &name.name, dialect));
                    if reads {
                        found.push(if index.name.is_empty() {
                            "a UNIQUE constraint".to_owned()
                        } else {
                            format!("index `{}`", index.name)
                        });
                    }
                }
                for key in &table.foreign_keys {
                    if key.columns.iter().any(is) {
                        found.push("a foreign key".to_owned());
                    }
                }
            }
            _ => {}
        }
        found.into_iter()
    }

    fn remove_with_dependents(&mut self, id: &ObjectId, span: crate::name::Span) {
        for user in self.schema.users(id) {
            if user != *id {
                self.remove_with_dependents(&user, span);
            }
        }
        let origin = self.origin(span);
        self.schema.take(id);
        self.schema.note_gone(
            id.clone(),
            None,
            crate::schema::journal::Departure::Dropped,
            origin,
        );
    }
}
