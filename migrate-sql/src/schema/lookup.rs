//! Looking names up, with three answers: there, not there, and not known.

use migrate_core::{Dialect, line_column};

use super::journal::{Departure, Gone};
use super::object::mysql_routine;
use super::{Class, Domain, Object, ObjectId, Schema, Table, builtin};
use crate::change::RoutineKind;
use crate::column_type::ColumnType;
use crate::conflict::{Conflict, Origin};
use crate::name::{Ident, ObjectName, QualifiedName};

/// The longest list of columns that a note prints.
const COLUMNS_IN_NOTES: usize = 20;

/// What a name stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// An object that is there for certain.
    Here(ObjectId),
    /// Perhaps something; this is the last that is known of it.
    Perhaps(Option<ObjectId>),
    /// Nothing, for certain. It would be this.
    Nothing(ObjectId),
}

/// The schema of temporary objects, which comes before all others.
pub(super) const TEMPORARY: &str = "pg_temp";

impl Schema {
    /// The name of the schema that an unqualified name means.
    pub(super) fn default_schema(&self) -> Option<&'static str> {
        match self.dialect {
            Dialect::Postgres => Some("public"),
            Dialect::Sqlite => Some("main"),
            _ => None,
        }
    }

    /// A written schema as the model keeps it.
    pub(super) fn schema_of(&self, written: &Ident) -> Option<String> {
        match self.default_schema() {
            Some(default) if self.same_name(default, &written.name) => None,
            _ if self.dialect == Dialect::Sqlite && self.same_name("temp", &written.name) => {
                Some(TEMPORARY.to_owned())
            }
            _ => Some(written.name.clone()),
        }
    }

    /// The name of an object that a statement makes.
    pub(super) fn new_name(&self, name: &ObjectName, temporary: bool) -> QualifiedName {
        let schema = match &name.schema {
            Some(schema) => self.schema_of(schema),
            None if temporary => Some(TEMPORARY.to_owned()),
            None => self.path.schemas().0.first().cloned().flatten(),
        };
        QualifiedName {
            schema,
            name: name.name.name.clone(),
        }
    }

    /// Looks an object up.
    pub(super) fn find(&self, class: Class, name: &ObjectName) -> Found {
        let candidate = |schema: Option<String>| {
            self.id(
                class,
                &QualifiedName {
                    schema,
                    name: name.name.name.clone(),
                },
            )
        };
        if let Some(schema) = &name.schema {
            return self.judge(candidate(self.schema_of(schema)));
        }
        let (schemas, more) = self.path.schemas();
        let temporary = candidate(Some(TEMPORARY.to_owned()));
        if self.objects.contains_key(&temporary) {
            return self.judge(temporary);
        }
        let mut nothing = None;
        for schema in schemas {
            match self.judge(candidate(schema.clone())) {
                Found::Nothing(id) => {
                    nothing.get_or_insert(id);
                }
                Found::Here(id) if more => return Found::Perhaps(Some(id)),
                found => return found,
            }
        }
        match nothing {
            Some(id) if !more && !self.is_system_name(class, &name.name.name) => Found::Nothing(id),
            _ => Found::Perhaps(None),
        }
    }

    fn judge(&self, id: ObjectId) -> Found {
        if let Some(entry) = self.objects.get(&id) {
            return if entry.epoch == self.epoch {
                Found::Here(id)
            } else {
                Found::Perhaps(Some(id))
            };
        }
        if self.may_exist(&id) {
            Found::Perhaps(None)
        } else {
            Found::Nothing(id)
        }
    }

    /// Whether an object is certain not to be there.
    pub fn is_certainly_absent(&self, id: &ObjectId) -> bool {
        !self.objects.contains_key(id) && !self.may_exist(id)
    }

    /// The table or view that a statement names, where it is there for certain.
    pub(crate) fn relation_id(&self, name: &ObjectName) -> Option<ObjectId> {
        match self.find(Class::Relation, name) {
            Found::Here(id) => Some(id),
            _ => None,
        }
    }

    /// The table or view that a name means, also where that is not certain; `None` where there
    /// certainly is none.
    pub(crate) fn likely_relation(&self, name: &ObjectName) -> Option<ObjectId> {
        match self.find(Class::Relation, name) {
            Found::Here(id) | Found::Perhaps(Some(id)) => Some(id),
            Found::Perhaps(None) => Some(self.new_relation(name, false)),
            Found::Nothing(_) => None,
        }
    }

    /// The identity of a table that a statement makes.
    pub(crate) fn new_relation(&self, name: &ObjectName, temporary: bool) -> ObjectId {
        self.id(Class::Relation, &self.new_name(name, temporary))
    }

    /// The table or materialized view that an index belongs to, where the model knows it.
    pub(crate) fn table_of_index(&self, name: &ObjectName) -> Option<ObjectId> {
        match self.find_index(name).0 {
            Found::Here(id) | Found::Perhaps(Some(id)) => Some(id),
            Found::Perhaps(None) | Found::Nothing(_) => None,
        }
    }

    /// The type or domain that a name means, where the model knows it.
    pub(crate) fn likely_type(&self, name: &ObjectName) -> Option<ObjectId> {
        match self.find(Class::Type, name) {
            Found::Here(id) | Found::Perhaps(Some(id)) => Some(id),
            Found::Perhaps(None) | Found::Nothing(_) => None,
        }
    }

    /// The domain of a column's type, where it is one.
    pub(crate) fn domain(&self, column_type: &ColumnType) -> Option<&Domain> {
        let name = QualifiedName {
            schema: column_type.schema.clone(),
            name: column_type.name.clone(),
        };
        match self.get(&self.id(Class::Type, &name))? {
            Object::Domain(domain) if column_type.dimensions == 0 => Some(domain),
            _ => None,
        }
    }

    /// Whether something that the model does not have may be there nevertheless.
    fn may_exist(&self, id: &ObjectId) -> bool {
        if self.perhaps.contains(&id.name.name.to_lowercase()) {
            return true;
        }
        if self.gone(id, None).is_some() {
            return false;
        }
        if self.open {
            return true;
        }
        // A schema that no migration made was made by somebody else, who may have filled it.
        id.name.schema.as_deref().is_some_and(|schema| {
            builtin::is_system_schema(schema, self.dialect)
                || !self
                    .objects
                    .contains_key(&self.id(Class::Schema, &QualifiedName::unqualified(schema)))
        })
    }

    fn is_system_name(&self, class: Class, name: &str) -> bool {
        match class {
            Class::Relation => builtin::is_system_relation(name, self.dialect),
            Class::Type => builtin::is_type(name),
            Class::Routine => true,
            _ => false,
        }
    }

    /// Where an index or key is that has that name in a schema of its own: its owner, or whether it
    /// may be there.
    pub(super) fn find_index(&self, name: &ObjectName) -> (Found, QualifiedName) {
        let named = |schema: Option<String>| QualifiedName {
            schema,
            name: name.name.name.clone(),
        };
        let schemas: Vec<Option<String>> = match &name.schema {
            Some(schema) => vec![self.schema_of(schema)],
            None => {
                let mut schemas = vec![Some(TEMPORARY.to_owned())];
                schemas.extend(self.path.schemas().0.iter().cloned());
                schemas
            }
        };
        for schema in &schemas {
            let name = named(schema.clone());
            if let Some(owner) = self.index_owner(&name) {
                let found = if self.is_certain(owner) {
                    Found::Here(owner.clone())
                } else {
                    Found::Perhaps(Some(owner.clone()))
                };
                return (found, name);
            }
        }
        match self.find(Class::Relation, name) {
            Found::Nothing(id) => (Found::Nothing(id.clone()), id.name),
            Found::Here(id) => (Found::Nothing(id.clone()), id.name),
            Found::Perhaps(_) => (
                Found::Perhaps(None),
                named(schemas.last().cloned().flatten()),
            ),
        }
    }

    /// Whether a routine of that name is there: with any arguments.
    pub(super) fn find_routine(&self, name: &ObjectName) -> Found {
        let mut schemas: Vec<Option<String>> = match &name.schema {
            Some(schema) => vec![self.schema_of(schema)],
            None => self.path.schemas().0.to_vec(),
        };
        if schemas.is_empty() {
            schemas.push(None);
        }
        let mut nothing = None;
        for schema in schemas {
            let first = self.id(
                Class::Routine,
                &QualifiedName {
                    schema,
                    name: name.name.name.clone(),
                },
            );
            if let Some((id, entry)) = self
                .objects
                .range(first.clone()..)
                .next()
                .filter(|(id, _)| id.class == Class::Routine && id.name == first.name)
            {
                return if entry.epoch == self.epoch {
                    Found::Here(id.clone())
                } else {
                    Found::Perhaps(Some(id.clone()))
                };
            }
            if self.may_exist(&first) {
                return Found::Perhaps(None);
            }
            nothing.get_or_insert(first);
        }
        match nothing {
            Some(id) if !self.path.schemas().1 || name.schema.is_some() => Found::Nothing(id),
            _ => Found::Perhaps(None),
        }
    }

    /// Whether MySQL's procedure or function of that name is there.
    pub(super) fn find_mysql_routine(&self, kind: RoutineKind, name: &ObjectName) -> Found {
        let arguments = mysql_routine(kind).to_owned();
        let id = ObjectId {
            arguments,
            ..self.id(Class::Routine, &self.new_name(name, false))
        };
        if name.schema.is_none() && self.path.schemas().1 {
            return Found::Perhaps(None);
        }
        self.judge(id)
    }

    /// All routines of that name.
    pub(super) fn routines(&self, first: &ObjectId) -> Vec<ObjectId> {
        let first = ObjectId {
            arguments: String::new(),
            ..first.clone()
        };
        self.objects
            .range(first.clone()..)
            .map(|(id, _)| id)
            .take_while(|id| id.class == Class::Routine && id.name == first.name)
            .cloned()
            .collect()
    }

    /// The place of a column in a table.
    pub(super) fn column_index(&self, table: &Table, name: &str) -> Option<usize> {
        table
            .columns
            .iter()
            .position(|column| self.same_name(&column.name, name))
    }

    /// A note on where an object comes from and, for a table, what it has.
    pub(crate) fn note(&self, id: &ObjectId) -> Option<String> {
        let object = self.get(id)?;
        let name = object.name();
        let made = object
            .origin()
            .map(|origin| format!("`{name}` was created in {}", place(origin)));
        let columns = match object {
            Object::Table(table) => Some(listed(table.columns.iter().map(|it| it.name.as_str()))),
            Object::View(view) => view
                .columns
                .as_ref()
                .map(|columns| listed(columns.iter().map(String::as_str))),
            _ => None,
        };
        match (made, columns) {
            (Some(made), Some(columns)) => Some(format!("{made}, and has: {columns}")),
            (Some(made), None) => Some(made),
            (None, Some(columns)) => Some(format!("`{name}` has: {columns}")),
            (None, None) => None,
        }
    }

    /// A note on what became of something that is not there any more.
    pub(super) fn note_of_departure(&self, id: &ObjectId, column: Option<&str>) -> Option<String> {
        let gone = self.gone(id, column)?;
        Some(departure(column.unwrap_or(&id.name.name), gone))
    }

    /// A conflict about an object that is not there, with what may have been meant.
    pub(super) fn missing(
        &self,
        rule: &'static migrate_core::Rule,
        what: &str,
        name: &ObjectName,
        id: &ObjectId,
    ) -> Conflict {
        let mut conflict = Conflict::new(
            rule,
            format!("{what} `{name}` does not exist"),
            name.span(),
            format!("no such {what}"),
        );
        match self.note_of_departure(id, None) {
            Some(note) => conflict = conflict.note(note),
            None => {
                let names = self
                    .objects
                    .keys()
                    .filter(|other| other.class == id.class && other.name.schema == id.name.schema)
                    .map(|other| other.name.name.as_str());
                if let Some(meant) = migrate_core::closest(&id.name.name, names) {
                    conflict = conflict.help(format!("did you mean `{meant}`?"));
                }
            }
        }
        conflict
    }
}

fn departure(name: &str, gone: &Gone) -> String {
    let place = place(&gone.origin);
    match &gone.how {
        Departure::Dropped => format!("`{name}` was dropped in {place}"),
        Departure::DroppedWith(what) => format!("`{name}` was dropped with {what} in {place}"),
        Departure::Renamed(to) => format!("`{name}` was renamed to `{to}` in {place}"),
    }
}

/// Path and line.
pub(crate) fn place(origin: &Origin) -> String {
    let (line, _) = line_column(&origin.source.text, origin.span.start);
    format!("{}:{line}", origin.source.path)
}

/// Names with commas between, not too many.
pub(crate) fn listed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<&str> = names.collect();
    if names.len() <= COLUMNS_IN_NOTES {
        return names.join(", ");
    }
    let shown = &names[..COLUMNS_IN_NOTES];
    format!(
        "{} and {} more",
        shown.join(", "),
        names.len() - COLUMNS_IN_NOTES
    )
}
