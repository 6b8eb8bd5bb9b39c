//! Applying a change to the model, as the database itself would.

mod alter_table;
mod coercion;
mod column;
mod column_use;
mod constraint;
mod create_table;
mod dml;
mod drop;
mod evaluate;
mod foreign_key;
mod index;
mod like;
mod mysql_alter;
mod mysql_column;
mod partition;
mod program;
mod rename;
mod rewrite;
mod routine;
mod sequence;
mod session;
mod types;
mod view;

use std::sync::Arc;

pub(super) use evaluate::is_equal;

use migrate_core::{Dialect, SourceFile, rule};

use super::lookup::Found;
use super::{Class, Object, ObjectId, Schema};
use crate::change::{Change, ObjectKind, Touches};
use crate::conflict::{Conflict, Origin};
use crate::name::{Ident, ObjectName, QualifiedName, Span};

/// Where a change comes from.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The script.
    pub source: &'a Arc<SourceFile>,
    /// The statement in it; empty where it is not known.
    pub statement: Span,
}

impl Schema {
    /// Makes a change, as far as it can be made, and says what the database would refuse.
    pub fn apply(&mut self, change: &Change, place: Place<'_>) -> Vec<Conflict> {
        let mut applier = Applier {
            schema: self,
            place,
            origin: None,
            set_going: None,
            conflicts: Vec::new(),
        };
        applier.change(change);
        applier.conflicts
    }

    /// Makes uncertain what something that cannot be followed may have touched.
    pub fn forget(&mut self, touches: &Touches) {
        match touches {
            Touches::Nothing => {}
            Touches::Everything => {
                self.open = true;
                self.epoch += 1;
            }
            Touches::Words(words) => {
                let schemas = self.schema_names();
                for word in words {
                    self.doubt_word(word, &schemas);
                }
                self.perhaps(words.iter().cloned());
            }
        }
    }

    /// The default schema and all others.
    fn schema_names(&self) -> Vec<Option<String>> {
        let others = self
            .objects
            .range(ObjectId::first(Class::Schema)..ObjectId::first(Class::Extension));
        std::iter::once(None)
            .chain(others.map(|(id, _)| Some(id.name.name.clone())))
            .collect()
    }

    /// Makes uncertain what has that word for a name in one of the schemas.
    fn doubt_word(&mut self, word: &str, schemas: &[Option<String>]) {
        let mut names = vec![word.to_owned()];
        if word.chars().any(char::is_uppercase) {
            names.push(word.to_lowercase());
        }
        for name in names {
            for schema in schemas {
                let name = QualifiedName {
                    schema: schema.clone(),
                    name: name.clone(),
                };
                self.doubt(&self.id(Class::Relation, &name));
                self.doubt(&self.id(Class::Type, &name));
                for routine in self.routines(&self.id(Class::Routine, &name)) {
                    self.doubt(&routine);
                }
                if let Some(owner) = self.index_owner(&name).cloned() {
                    self.doubt(&owner);
                }
            }
        }
    }

    /// What belongs to the session ends with its script.
    pub(crate) fn end_script(&mut self) {
        self.path = super::SearchPath::default();
        self.checks_foreign_keys = true;
        self.session = super::session::Session::default();
        for class in [Class::Type, Class::Relation, Class::Routine] {
            for id in self.temporary(class) {
                // A pooled session may have it still.
                self.perhaps([id.name.name.clone()]);
                self.take(&id);
            }
        }
    }

    /// What a class has in the schema of temporary objects.
    fn temporary(&self, class: Class) -> Vec<ObjectId> {
        let is_temporary = |schema: Option<&str>| schema == Some(super::lookup::TEMPORARY);
        let mut first = ObjectId::first(class);
        first.name.schema = Some(super::lookup::TEMPORARY.to_owned());
        self.objects
            .range(first..)
            .map(|(id, _)| id)
            .take_while(|id| id.class == class && is_temporary(id.name.schema.as_deref()))
            .cloned()
            .collect()
    }
}

/// One change on its way into a model.
struct Applier<'a> {
    schema: &'a mut Schema,
    place: Place<'a>,
    /// Where what is made is said to come from, if not from its own place: a statement of the
    /// script that runs others.
    origin: Option<Origin>,
    /// The place of that statement.
    set_going: Option<Span>,
    conflicts: Vec<Conflict>,
}

impl Applier<'_> {
    fn change(&mut self, change: &Change) {
        match change {
            Change::CreateTable(it) => self.create_table(it),
            Change::AlterTable(it) => self.alter_table(it),
            Change::CreateIndex(it) => self.create_index(it),
            Change::AlterIndex(it) => self.alter_index(it),
            Change::CreateView(it) => self.create_view(it),
            Change::CreateType(it) => self.create_type(it),
            Change::AlterEnum(it) => self.alter_enum(it),
            Change::CreateDomain(it) => self.create_domain(it),
            Change::AlterDomain(it) => self.alter_domain(it),
            Change::CreateSequence(it) => self.create_sequence(it),
            Change::AlterSequence(it) => self.alter_sequence(it),
            Change::CreateRoutine(it) => self.create_routine(it),
            Change::CreateTrigger(it) => self.create_trigger(it),
            Change::CreateSchema {
                name,
                if_not_exists,
            } => self.create_schema(name, *if_not_exists),
            Change::CreateExtension {
                name,
                if_not_exists,
            } => self.create_extension(name, *if_not_exists),
            Change::CreatePolicy {
                name,
                table,
                expressions,
            } => self.create_policy(name, table, expressions),
            Change::AlterPolicy(it) => self.alter_policy(it),
            Change::CreateOther { kind, name, table } => {
                self.create_other(*kind, name.as_ref(), table.as_ref());
            }
            Change::Drop(it) => self.drop_objects(it),
            Change::Rename {
                kind,
                from,
                to,
                table,
                if_exists,
            } => self.rename(*kind, from, to, table.as_ref(), *if_exists),
            Change::SetSchema {
                kind,
                name,
                schema,
                if_exists,
            } => self.set_schema(*kind, name, schema, *if_exists),
            Change::Comment { kind, name, column } => self.comment(*kind, name, column.as_ref()),
            Change::Privilege { objects } => self.privilege(objects),
            Change::Dml(it) => self.dml(it),
            Change::Truncate { tables, cascade } => self.truncate(tables, *cascade),
            Change::Maintenance { verb, name, .. } => self.maintenance(*verb, name.as_ref()),
            Change::Session(it) => self.session(it),
            Change::Step(it) => self.step(it),
            Change::Opaque(it) => self.schema.forget(&it.touches),
        }
    }

    fn dialect(&self) -> Dialect {
        self.schema.dialect
    }

    fn is_postgres(&self) -> bool {
        self.schema.dialect == Dialect::Postgres
    }

    fn is_mysql(&self) -> bool {
        self.schema.dialect == Dialect::Mysql
    }

    fn is_sqlite(&self) -> bool {
        self.schema.dialect == Dialect::Sqlite
    }

    fn origin(&self, span: Span) -> Origin {
        self.origin.clone().unwrap_or_else(|| Origin {
            source: Arc::clone(self.place.source),
            span,
            statement: self.place.statement,
        })
    }

    fn refuse(&mut self, conflict: Conflict) {
        // One fault may be met twice on its way through a statement.
        if !self.conflicts.contains(&conflict) {
            self.conflicts.push(conflict);
        }
    }

    fn duplicate(&mut self, what: &str, name: &Ident, scope: &str, note: Option<String>) {
        let mut conflict = Conflict::new(
            &rule::DUPLICATE,
            format!("{what} `{name}` exists already{scope}"),
            name.span,
            "already there",
        );
        conflict.notes.extend(note);
        self.refuse(conflict);
    }

    /// The table that a statement is about. `None` where there is none, which is a conflict unless
    /// `if_exists`, or where the model does not know it.
    fn table_target(&mut self, name: &ObjectName, if_exists: bool) -> Option<Target> {
        match self.schema.find(Class::Relation, name) {
            Found::Here(id) => match self.schema.get(&id) {
                Some(Object::Table(table)) => Some(Target {
                    certain: !table.uncertain,
                    id,
                }),
                _ => {
                    self.wrong_kind(name, &id, "table");
                    None
                }
            },
            Found::Perhaps(Some(id)) => match self.schema.get(&id) {
                Some(Object::Table(_)) => Some(Target { certain: false, id }),
                _ => None,
            },
            Found::Perhaps(None) => None,
            Found::Nothing(id) => {
                if !if_exists {
                    let missing = self
                        .schema
                        .missing(&rule::UNKNOWN_TABLE, "table", name, &id);
                    self.refuse(missing);
                }
                None
            }
        }
    }

    fn wrong_kind(&mut self, name: &ObjectName, id: &ObjectId, wanted: &str) {
        let Some(object) = self.schema.get(id) else {
            return;
        };
        let kind = object.kind().name();
        let mut conflict = Conflict::new(
            &rule::WRONG_KIND,
            format!("`{name}` is a {kind}, not a {wanted}"),
            name.span(),
            format!("a {kind}"),
        );
        conflict.notes.extend(self.schema.note(id));
        self.refuse(conflict);
    }

    /// A table or view that must be there, whatever it is.
    fn relation_must_exist(&mut self, name: &ObjectName, what: &str) -> Option<ObjectId> {
        match self.schema.find(Class::Relation, name) {
            Found::Here(id) => Some(id),
            Found::Perhaps(id) => id,
            Found::Nothing(id) => {
                if self.schema.index_owner(&id.name).is_none() {
                    let missing = self.schema.missing(&rule::UNKNOWN_TABLE, what, name, &id);
                    self.refuse(missing);
                }
                None
            }
        }
    }

    /// Whether a new relation or index may have that name; a conflict where it may not.
    fn name_is_free(&mut self, name: &ObjectName, as_kept: &QualifiedName, what: &str) -> bool {
        let id = self.schema.id(Class::Relation, as_kept);
        let (other, certain) = match self.schema.get(&id) {
            Some(object) => (
                object.kind().name(),
                self.schema
                    .objects
                    .get(&id)
                    .is_some_and(|it| it.epoch == self.schema.epoch),
            ),
            None => match self.schema.index_owner(as_kept) {
                Some(owner) => ("index", self.schema.is_certain(owner)),
                // PostgreSQL makes a type of every table and view.
                None if self.is_postgres() && matches!(what, "table" | "view") => {
                    let id = self.schema.id(Class::Type, as_kept);
                    ("type", self.schema.is_certain(&id))
                }
                None => return true,
            },
        };
        if other == "type" && !certain {
            return true;
        }
        // Whether MySQL takes both depends on the server's file system.
        if self.differs_in_case(&id, as_kept) {
            return false;
        }
        if certain {
            let note = self.schema.note(&id);
            let kind = if other == what {
                String::new()
            } else {
                format!(" as {} {other}", article(other))
            };
            self.duplicate(what, &name.name, &kind, note);
        }
        false
    }

    /// Whether what has that identity bears the name in other letters.
    fn differs_in_case(&self, id: &ObjectId, name: &QualifiedName) -> bool {
        let object = self.schema.get(id);
        self.is_mysql() && object.is_some_and(|object| object.name() != *name)
    }

    /// A column of a table; a conflict where it is certain not to be there.
    fn column_at(&mut self, target: &Target, name: &Ident) -> Option<usize> {
        let table = self.schema.table_by_id(&target.id)?;
        let index = self.schema.column_index(table, &name.name);
        if index.is_none() && target.certain {
            let missing = self.schema.missing_column(&target.id, name);
            self.refuse(missing);
        }
        index
    }
}

/// A table that a statement is about.
#[derive(Clone, Debug)]
struct Target {
    id: ObjectId,
    /// Whether it is there and all of it is known.
    certain: bool,
}

/// `a` or `an`.
fn article(word: &str) -> &'static str {
    if word.starts_with(['a', 'e', 'i', 'o', 'u']) {
        "an"
    } else {
        "a"
    }
}

/// The class of names that a kind of object belongs to.
fn class_of(kind: ObjectKind) -> Class {
    match kind {
        ObjectKind::Table
        | ObjectKind::ForeignTable
        | ObjectKind::View
        | ObjectKind::MaterializedView
        | ObjectKind::Sequence
        | ObjectKind::Index => Class::Relation,
        ObjectKind::Type | ObjectKind::Domain => Class::Type,
        ObjectKind::Function
        | ObjectKind::Procedure
        | ObjectKind::Routine
        | ObjectKind::Aggregate => Class::Routine,
        ObjectKind::Schema => Class::Schema,
        ObjectKind::Extension => Class::Extension,
        other => Class::Other(other),
    }
}
