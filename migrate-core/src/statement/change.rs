//! What a DDL statement changes in the catalogue.

use std::fmt;

/// A change of named objects whose state before and after can be read from the catalogue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CatalogueChange {
    /// What is done.
    pub verb: Verb,
    /// To what kind of object.
    pub object: ObjectKind,
    /// Every object that the statement names as changed, in its order; of a rename both sides, so
    /// a swap names an object twice.
    pub names: Vec<ObjectName>,
    /// The table of an index or trigger, where the statement names it.
    pub on: Option<ObjectName>,
    /// CONCURRENTLY.
    pub concurrently: bool,
    /// IF EXISTS or IF NOT EXISTS.
    pub if_exists_clause: bool,
}

/// What is done to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Verb {
    /// CREATE, also CREATE OR REPLACE.
    Create,
    /// DROP.
    Drop,
    /// ALTER, with or without a rename among other changes.
    Alter,
    /// A rename and nothing else.
    Rename,
}

/// The kinds of objects that [`CatalogueChange`] is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ObjectKind {
    /// A table.
    Table,
    /// An index.
    Index,
    /// A view.
    View,
    /// A trigger.
    Trigger,
    /// A procedure.
    Procedure,
    /// A stored function.
    Function,
    /// A scheduled event.
    Event,
    /// A sequence.
    Sequence,
    /// A database.
    Database,
}

/// A name, perhaps with its schema: without quotes, and in PostgreSQL as the server folds it
/// (bare words in lower case); elsewhere in the case it was written.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ObjectName {
    /// The schema, in MySQL the database.
    pub schema: Option<String>,
    /// The name.
    pub name: String,
}

impl fmt::Display for ObjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(schema) = &self.schema {
            write!(f, "{schema}.")?;
        }
        f.write_str(&self.name)
    }
}
