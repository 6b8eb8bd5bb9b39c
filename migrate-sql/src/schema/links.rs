//! What objects name each other, kept so that nothing has to look through the whole schema.

use std::collections::BTreeMap;

use migrate_core::Dialect;

use super::object::fold;
use super::{Class, Object, ObjectId, Schema, Table, Trigger, builtin};
use crate::column_type::ColumnType;
use crate::expression::Expression;
use crate::name::{ObjectName, QualifiedName};

/// Names inside of objects that are unique among more than these.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    /// Indexes, with those of keys: they share the names of relations on PostgreSQL and SQLite.
    indexes: BTreeMap<QualifiedName, ObjectId>,
    /// How many constraints of a schema have that name; PostgreSQL looks at it when it chooses one.
    constraints: BTreeMap<QualifiedName, u32>,
    /// Triggers, whose names stand for themselves on MySQL and SQLite; in lower case.
    triggers: BTreeMap<String, ObjectId>,
}

impl Schema {
    /// The table or materialized view that has an index of that name, on databases where these
    /// names are unique in a schema.
    pub(super) fn index_owner(&self, index: &QualifiedName) -> Option<&ObjectId> {
        self.names
            .indexes
            .get(&fold(self.dialect, QualifiedName::clone(index)))
    }

    /// Whether some constraint of a schema has that name.
    pub(super) fn has_constraint(&self, name: &QualifiedName) -> bool {
        self.names.constraints.contains_key(name)
    }

    /// What has the trigger of that name, on databases where DROP TRIGGER names no table.
    pub(super) fn trigger_owner(&self, name: &str) -> Option<&ObjectId> {
        self.names.triggers.get(&name.to_lowercase())
    }

    /// Whether there may be a trigger that the model does not know.
    pub(super) fn may_have_trigger(&self, name: &ObjectName) -> bool {
        self.open || name.schema.is_some() || self.perhaps.contains(&name.name.name.to_lowercase())
    }

    /// The names of indexes in the schema of what `id` names, for suggestions.
    pub(super) fn index_names_like(&self, id: &ObjectId) -> Vec<String> {
        self.names
            .indexes
            .keys()
            .filter(|name| name.schema == id.name.schema)
            .map(|name| name.name.clone())
            .collect()
    }

    pub(super) fn link(&mut self, id: &ObjectId, object: &Object) {
        for used in uses(object, self.dialect) {
            self.used_by.entry(used).or_default().insert(id.clone());
        }
        if self.dialect != Dialect::Postgres {
            for trigger in triggers(object) {
                self.names
                    .triggers
                    .insert(trigger.name.to_lowercase(), id.clone());
            }
        }
        if self.dialect == Dialect::Mysql {
            return;
        }
        let schema = object.name().schema;
        for index in index_names(object) {
            let name = QualifiedName {
                schema: schema.clone(),
                name: index.to_owned(),
            };
            self.names
                .indexes
                .insert(fold(self.dialect, name), id.clone());
        }
        for constraint in constraint_names(object) {
            let name = QualifiedName {
                schema: schema.clone(),
                name: constraint.to_owned(),
            };
            *self.names.constraints.entry(name).or_default() += 1;
        }
    }

    pub(super) fn unlink(&mut self, id: &ObjectId, object: &Object) {
        for used in uses(object, self.dialect) {
            if let Some(users) = self.used_by.get_mut(&used) {
                users.remove(id);
                if users.is_empty() {
                    self.used_by.remove(&used);
                }
            }
        }
        if self.dialect != Dialect::Postgres {
            for trigger in triggers(object) {
                self.names.triggers.remove(&trigger.name.to_lowercase());
            }
        }
        if self.dialect == Dialect::Mysql {
            return;
        }
        let schema = object.name().schema;
        for index in index_names(object) {
            let name = fold(
                self.dialect,
                QualifiedName {
                    schema: schema.clone(),
                    name: index.to_owned(),
                },
            );
            // Where a faulty script made two of one name, only the newer is found.
            if self.names.indexes.get(&name) == Some(id) {
                self.names.indexes.remove(&name);
            }
        }
        for constraint in constraint_names(object) {
            let name = QualifiedName {
                schema: schema.clone(),
                name: constraint.to_owned(),
            };
            if let Some(count) = self.names.constraints.get_mut(&name) {
                *count -= 1;
                if *count == 0 {
                    self.names.constraints.remove(&name);
                }
            }
        }
    }
}

fn triggers(object: &Object) -> &[Trigger] {
    match object {
        Object::Table(table) => &table.triggers,
        Object::View(view) => &view.triggers,
        _ => &[],
    }
}

/// The names of indexes that an object brings.
fn index_names(object: &Object) -> Vec<&str> {
    match object {
        Object::Table(table) => table
            .index_names()
            .filter(|name| !name.is_empty())
            .collect(),
        Object::View(view) => view.indexes.iter().map(|index| &*index.name).collect(),
        _ => Vec::new(),
    }
}

/// The names of constraints that an object brings.
fn constraint_names(object: &Object) -> Vec<&str> {
    match object {
        Object::Table(table) => table
            .constraint_names()
            .filter(|name| !name.is_empty())
            .collect(),
        Object::Domain(domain) => domain.checks.iter().map(|check| &*check.name).collect(),
        _ => Vec::new(),
    }
}

/// What an object needs to be there.
fn uses(object: &Object, dialect: Dialect) -> Vec<ObjectId> {
    let mut uses = Uses {
        found: Vec::new(),
        dialect,
    };
    match object {
        Object::Table(table) => uses.table(table),
        Object::View(view) => {
            uses.relations(view.reads.keys());
            for trigger in &view.triggers {
                uses.routine(trigger.function.as_ref());
            }
        }
        Object::Sequence(sequence) => {
            uses.relations(sequence.owned_by.iter().map(|(table, _)| table));
        }
        Object::Domain(domain) => {
            uses.column_type(&domain.base);
            for check in &domain.checks {
                uses.expression(check.check.as_ref());
            }
        }
        _ => {}
    }
    uses.found
}

struct Uses {
    found: Vec<ObjectId>,
    dialect: Dialect,
}

impl Uses {
    fn table(&mut self, table: &Table) {
        self.relations(table.foreign_keys.iter().map(|key| &key.references));
        self.relations(&table.inherits);
        self.relations(&table.partition_of);
        for column in &table.columns {
            if let Some(column_type) = &column.column_type {
                self.column_type(column_type);
            }
            self.expression(column.default.as_ref());
            self.expression(column.generated.as_ref().map(|it| &it.expression));
        }
        for constraint in &table.constraints {
            self.expression(constraint.check.as_ref());
        }
        for index in &table.indexes {
            self.expression(index.predicate.as_ref());
            for key in &index.keys {
                self.expression(key.expression.as_ref());
            }
        }
        for trigger in &table.triggers {
            self.routine(trigger.function.as_ref());
        }
        for policy in &table.policies {
            self.relations(policy.reads.keys());
            for expression in &policy.expressions {
                self.expression(Some(expression));
            }
        }
    }

    fn relations<'a>(&mut self, names: impl IntoIterator<Item = &'a QualifiedName>) {
        for name in names {
            self.add(Class::Relation, name.clone());
        }
    }

    fn column_type(&mut self, column_type: &ColumnType) {
        if self.dialect == Dialect::Postgres
            && !(column_type.schema.is_none() && builtin::is_type(&column_type.name))
        {
            self.add(
                Class::Type,
                QualifiedName {
                    schema: column_type.schema.clone(),
                    name: column_type.name.clone(),
                },
            );
        }
    }

    fn expression(&mut self, expression: Option<&Expression>) {
        let Some(expression) = expression else {
            return;
        };
        for scope in expression.scope.walk() {
            for call in &scope.functions {
                let name = QualifiedName {
                    schema: call.name.schema.as_ref().map(|it| it.name.clone()),
                    name: call.name.name.name.clone(),
                };
                self.routine(Some(&name));
            }
        }
        if self.dialect == Dialect::Postgres
            && let Some(sequence) = sequence_of_nextval(&expression.text)
        {
            self.add(Class::Relation, sequence);
        }
    }

    /// Routines are known by name here: which of several is meant depends on types.
    fn routine(&mut self, name: Option<&QualifiedName>) {
        if let Some(name) = name {
            self.add(Class::Routine, name.clone());
        }
    }

    fn add(&mut self, class: Class, name: QualifiedName) {
        self.found.push(ObjectId::new(class, name, self.dialect));
    }
}

/// What stands in `nextval('…')`.
pub(super) fn argument_of_nextval(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("nextval(")?;
    let (name, _) = rest.trim_start().strip_prefix('\'')?.split_once('\'')?;
    Some(name)
}

/// The sequence that a default takes its values from, where that is certain.
pub(super) fn sequence_of(default: &Expression) -> Option<QualifiedName> {
    (!default.scope.opaque)
        .then(|| sequence_of_nextval(&default.text))
        .flatten()
}

/// The sequence in `nextval('…')`, as a default has it.
pub(super) fn sequence_of_nextval(text: &str) -> Option<QualifiedName> {
    let name = argument_of_nextval(text)?;
    let unquote = |part: &str| match part.strip_prefix('"') {
        Some(quoted) => quoted.trim_end_matches('"').to_owned(),
        None => part.to_lowercase(),
    };
    Some(match name.split_once('.') {
        Some((schema, name)) => QualifiedName {
            schema: (schema != "public").then(|| unquote(schema)),
            name: unquote(name),
        },
        None => QualifiedName::unqualified(unquote(name)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sequence_of_a_default() {
        let name = |text| sequence_of_nextval(text).map(|name| name.to_string());
        assert_eq!(
            name("nextval('users_id_seq'::regclass)").as_deref(),
            Some("users_id_seq")
        );
        assert_eq!(
            name("nextval('public.Users_seq')").as_deref(),
            Some("users_seq")
        );
        assert_eq!(name("nextval('a.\"B\"')").as_deref(), Some("a.B"));
        assert_eq!(name("now()"), None);
    }
}
