//! The schema model: what a database holds after a list of changes.
//!
//! A model comes from scripts, by [`Schema::apply`], or from a live database, by
//! [`Schema::insert`]; the two are compared by `diff`.

mod apply;
mod object;
mod table;

use std::collections::BTreeMap;
use std::sync::Arc;

use migrate_core::Dialect;

use crate::name::QualifiedName;

pub use apply::Place;
pub use object::{
    Class, Domain, Extension, Object, ObjectId, Other, Reads, Routine, Sequence, TypeDefinition,
    View,
};
pub use table::{Column, Constraint, ForeignKey, Index, IndexKey, Key, Policy, Table, Trigger};

/// All objects of a database, as far as they are known.
#[derive(Clone, Debug)]
pub struct Schema {
    dialect: Dialect,
    objects: BTreeMap<ObjectId, Arc<Object>>,
    /// There may be objects that the model does not know, so that a name which is not found is no
    /// fault.
    open: bool,
}

impl Schema {
    /// An empty database.
    pub fn new(dialect: Dialect) -> Self {
        Schema {
            dialect,
            objects: BTreeMap::new(),
            open: false,
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

    /// The objects in the order of their identities.
    pub fn objects(&self) -> impl Iterator<Item = (&ObjectId, &Object)> {
        self.objects.iter().map(|(id, object)| (id, &**object))
    }

    /// An object by its identity.
    pub fn get(&self, id: &ObjectId) -> Option<&Object> {
        self.objects.get(id).map(|object| &**object)
    }

    /// A table by its name.
    pub fn table(&self, name: &QualifiedName) -> Option<&Table> {
        match self.get(&ObjectId::new(Class::Relation, name.clone(), self.dialect))? {
            Object::Table(table) => Some(table),
            _ => None,
        }
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
        self.objects
            .insert(object.id(self.dialect), Arc::new(object));
    }

    /// Takes an object out.
    pub fn remove(&mut self, id: &ObjectId) {
        self.objects.remove(id);
    }
}
