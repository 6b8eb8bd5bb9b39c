//! The schema model: what a database holds after a list of changes.
//!
//! A model comes from scripts, by [`Schema::apply`], or from a live database, by
//! [`Schema::insert`]; [`diff`](crate::diff) compares the two.
//!
//! What the model does not know for certain it says so: see [`Schema::forget`]. Whatever is
//! uncertain neither conflicts nor differs.

mod apply;
mod auto_name;
pub(crate) mod builtin;
mod information;
mod journal;
mod links;
mod lookup;
mod object;
mod resolve;
mod search_path;
mod session;
mod table;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use migrate_core::Dialect;

use crate::name::QualifiedName;

use journal::{Entry, Gone, Journal};
use links::Names;
use search_path::SearchPath;

pub(crate) use auto_name::object_name;

pub use apply::Place;
pub(crate) use lookup::{listed, place};
pub use object::{
    Class, Domain, Extension, Object, ObjectId, Other, Reads, Routine, Sequence, TypeDefinition,
    View,
};
pub use table::{Column, Constraint, ForeignKey, Index, IndexKey, Key, Policy, Table, Trigger};

/// All objects of a database, as far as they are known.
#[derive(Clone, Debug)]
pub struct Schema {
    dialect: Dialect,
    objects: BTreeMap<ObjectId, Entry>,
    /// Names inside of objects that are unique among more than these: derived from `objects`.
    names: Names,
    /// What each object is used by: derived from `objects`.
    used_by: BTreeMap<ObjectId, BTreeSet<ObjectId>>,
    /// What is certain not to be there, because it was dropped or renamed; with a column's name
    /// for columns.
    gone: BTreeMap<(ObjectId, Option<String>), Gone>,
    /// Names that may stand for something that the model does not know, in lower case.
    perhaps: BTreeSet<String>,
    /// There may be objects that the model does not know, so that a name which is not found is no
    /// fault.
    open: bool,
    /// Entries of an older epoch than this are uncertain.
    epoch: u32,
    path: SearchPath,
    /// MySQL: foreign keys are checked. Like the path, it belongs to the session.
    checks_foreign_keys: bool,
    /// MySQL: variables and prepared statements.
    session: session::Session,
    journals: Vec<Journal>,
}

impl Schema {
    /// An empty database.
    pub fn new(dialect: Dialect) -> Self {
        Schema {
            dialect,
            objects: BTreeMap::new(),
            names: Names::default(),
            used_by: BTreeMap::new(),
            gone: BTreeMap::new(),
            perhaps: BTreeSet::new(),
            open: false,
            epoch: 1,
            path: SearchPath::default(),
            checks_foreign_keys: true,
            session: session::Session::default(),
            journals: Vec::new(),
        }
    }

    /// The dialect of its names and types.
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Whether there may be objects that the model does not know.
    pub fn is_open(&self) -> bool {
        self.open
    }

    /// Whether an object that the model has is there for certain, and as the model has it.
    pub fn is_certain(&self, id: &ObjectId) -> bool {
        self.objects.get(id).is_some_and(|entry| {
            entry.epoch == self.epoch
                && !matches!(&*entry.object, Object::Table(table) if table.uncertain)
        })
    }

    /// The objects in the order of their identities.
    pub fn objects(&self) -> impl Iterator<Item = (&ObjectId, &Object)> {
        self.objects.iter().map(|(id, entry)| (id, &*entry.object))
    }

    /// An object by its identity.
    pub fn get(&self, id: &ObjectId) -> Option<&Object> {
        self.objects.get(id).map(|entry| &*entry.object)
    }

    /// A table by its name.
    pub fn table(&self, name: &QualifiedName) -> Option<&Table> {
        self.table_by_id(&self.id(Class::Relation, name))
    }

    /// The tables in the order of their names.
    pub fn tables(&self) -> impl Iterator<Item = &Table> {
        self.objects().filter_map(|(_, object)| match object {
            Object::Table(table) => Some(table),
            _ => None,
        })
    }

    /// Puts an object in, in place of one with its identity. For models that are read from a
    /// catalogue, where nothing can conflict.
    pub fn insert(&mut self, object: Object) {
        self.put(Arc::new(object));
    }

    /// The identity of what has that name.
    pub(crate) fn id(&self, class: Class, name: &QualifiedName) -> ObjectId {
        ObjectId::new(class, name.clone(), self.dialect)
    }

    pub(crate) fn table_by_id(&self, id: &ObjectId) -> Option<&Table> {
        match self.get(id)? {
            Object::Table(table) => Some(table),
            _ => None,
        }
    }

    /// What uses an object.
    pub(crate) fn users(&self, id: &ObjectId) -> Vec<ObjectId> {
        self.used_by
            .get(id)
            .map(|users| users.iter().cloned().collect())
            .unwrap_or_default()
    }

    /// Whether two names of columns, indexes and the like are one to the database.
    pub(crate) fn same_name(&self, a: &str, b: &str) -> bool {
        same_name(self.dialect, a, b)
    }

    /// Takes an object out.
    pub fn remove(&mut self, id: &ObjectId) {
        self.take(id);
    }
}

/// Whether two names of columns, indexes and the like are one: PostgreSQL compares them as they are,
/// MySQL and SQLite without regard to case.
pub(crate) fn same_name(dialect: Dialect, a: &str, b: &str) -> bool {
    a == b
        || match dialect {
            Dialect::Postgres => false,
            // Comparing without allocating in the common case of ASCII.
            _ if a.is_ascii() && b.is_ascii() => a.eq_ignore_ascii_case(b),
            _ => a.to_lowercase() == b.to_lowercase(),
        }
}
