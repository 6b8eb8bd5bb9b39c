//! Objects that stand for themselves.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use migrate_core::Dialect;

use super::table::{Constraint, Table};
use crate::change::{ObjectKind, Program, RoutineKind, Touches, TypeKind};
use crate::column_type::ColumnType;
use crate::conflict::Origin;
use crate::expression::Expression;
use crate::name::QualifiedName;

/// What names are unique among.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Class {
    /// Schemas.
    Schema,
    /// Extensions.
    Extension,
    /// Types and domains.
    Type,
    /// Tables, views, materialized views, sequences. On PostgreSQL and SQLite index names are taken
    /// from the same names, though indexes are kept with their table.
    Relation,
    /// Functions, procedures, aggregates.
    Routine,
    /// Everything else, by its kind.
    Other(ObjectKind),
}

/// What tells an object from all others.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ObjectId {
    /// What its name is unique among.
    pub class: Class,
    /// Its name, folded where the database compares names without regard to case.
    pub name: QualifiedName,
    /// For a routine: its arguments, since several may share a name; on MySQL what it is, since a
    /// function and a procedure may. Otherwise empty.
    pub arguments: String,
}

impl ObjectId {
    /// The identity of what has this name. SQLite compares all names without regard to case; so
    /// does the model for MySQL, whose answer depends on the server's file system, because a
    /// difference in case alone must not be taken for a missing table.
    pub fn new(class: Class, name: QualifiedName, dialect: Dialect) -> Self {
        ObjectId {
            class,
            name: fold(dialect, name),
            arguments: String::new(),
        }
    }

    /// Before all identities of a class.
    pub(super) fn first(class: Class) -> Self {
        ObjectId {
            class,
            name: QualifiedName::unqualified(""),
            arguments: String::new(),
        }
    }
}

/// A name in the form in which the model compares it.
pub(super) fn fold(dialect: Dialect, name: QualifiedName) -> QualifiedName {
    match dialect {
        Dialect::Mysql | Dialect::Sqlite => QualifiedName {
            schema: name.schema.map(|schema| schema.to_lowercase()),
            name: name.name.to_lowercase(),
        },
        _ => name,
    }
}

/// Tables and views that something reads, with the columns, so that they are not dropped under it.
pub type Reads = BTreeMap<QualifiedName, BTreeSet<String>>;

/// An object of a database.
#[derive(Clone, Debug)]
pub enum Object {
    /// A table with its columns, constraints, indexes, triggers and policies.
    Table(Table),
    /// A view.
    View(View),
    /// A sequence.
    Sequence(Sequence),
    /// A type.
    Type(TypeDefinition),
    /// A domain.
    Domain(Domain),
    /// A function, procedure or aggregate.
    Routine(Routine),
    /// A schema other than the default one.
    Schema(String),
    /// An extension.
    Extension(Extension),
    /// Known by name only.
    Other(Other),
}

/// The kind and the name, as messages have them.
impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} `{}`", self.kind().name(), self.name())
    }
}

impl Object {
    /// What tells it from all others.
    pub fn id(&self, dialect: Dialect) -> ObjectId {
        let id = |class, name: &QualifiedName| ObjectId::new(class, name.clone(), dialect);
        match self {
            Object::Table(table) => id(Class::Relation, &table.name),
            Object::View(view) => id(Class::Relation, &view.name),
            Object::Sequence(sequence) => id(Class::Relation, &sequence.name),
            Object::Type(definition) => id(Class::Type, &definition.name),
            Object::Domain(domain) => id(Class::Type, &domain.name),
            Object::Routine(routine) => ObjectId {
                arguments: match &routine.arguments {
                    _ if dialect == Dialect::Mysql => mysql_routine(routine.kind).to_owned(),
                    Some(arguments) => arguments.join(","),
                    None => "?".to_owned(),
                },
                ..id(Class::Routine, &routine.name)
            },
            Object::Schema(name) => id(Class::Schema, &QualifiedName::unqualified(name)),
            Object::Extension(extension) => id(
                Class::Extension,
                &QualifiedName::unqualified(&extension.name),
            ),
            Object::Other(other) => id(Class::Other(other.kind), &other.name),
        }
    }

    /// Its name.
    pub fn name(&self) -> QualifiedName {
        match self {
            Object::Table(table) => table.name.clone(),
            Object::View(view) => view.name.clone(),
            Object::Sequence(sequence) => sequence.name.clone(),
            Object::Type(definition) => definition.name.clone(),
            Object::Domain(domain) => domain.name.clone(),
            Object::Routine(routine) => routine.name.clone(),
            Object::Schema(name) => QualifiedName::unqualified(name),
            Object::Extension(extension) => QualifiedName::unqualified(&extension.name),
            Object::Other(other) => other.name.clone(),
        }
    }

    /// Where it was made.
    pub fn origin(&self) -> Option<&Origin> {
        match self {
            Object::Table(table) => table.origin.as_ref(),
            Object::View(view) => view.origin.as_ref(),
            Object::Sequence(sequence) => sequence.origin.as_ref(),
            Object::Type(definition) => definition.origin.as_ref(),
            Object::Domain(domain) => domain.origin.as_ref(),
            Object::Routine(routine) => routine.origin.as_ref(),
            Object::Schema(_) => None,
            Object::Extension(extension) => extension.origin.as_ref(),
            Object::Other(other) => other.origin.as_ref(),
        }
    }

    /// Gives it another name. What names it is not changed.
    pub(super) fn set_name(&mut self, to: QualifiedName) {
        match self {
            Object::Table(table) => table.name = to,
            Object::View(view) => view.name = to,
            Object::Sequence(sequence) => sequence.name = to,
            Object::Type(definition) => definition.name = to,
            Object::Domain(domain) => domain.name = to,
            Object::Routine(routine) => routine.name = to,
            Object::Schema(name) => *name = to.name,
            Object::Extension(extension) => extension.name = to.name,
            Object::Other(other) => other.name = to,
        }
    }

    /// Follows a renamed relation in what this object names.
    pub(super) fn rename_relation(&mut self, from: &QualifiedName, to: &QualifiedName) {
        let follow = |name: &mut QualifiedName| {
            if name == from {
                *name = to.clone();
            }
        };
        let follow_reads = |reads: &mut Reads| {
            if let Some(columns) = reads.remove(from) {
                reads.insert(to.clone(), columns);
            }
        };
        match self {
            Object::Table(table) => {
                for key in &mut table.foreign_keys {
                    follow(&mut key.references);
                }
                table.inherits.iter_mut().for_each(follow);
                table.partition_of.iter_mut().for_each(follow);
                for policy in &mut table.policies {
                    follow_reads(&mut policy.reads);
                }
            }
            Object::View(view) => follow_reads(&mut view.reads),
            Object::Sequence(sequence) => {
                sequence
                    .owned_by
                    .iter_mut()
                    .for_each(|(table, _)| follow(table));
            }
            _ => {}
        }
    }

    /// What it is.
    pub fn kind(&self) -> ObjectKind {
        match self {
            Object::Table(table) if table.foreign => ObjectKind::ForeignTable,
            Object::Table(_) => ObjectKind::Table,
            Object::View(view) if view.materialized => ObjectKind::MaterializedView,
            Object::View(_) => ObjectKind::View,
            Object::Sequence(_) => ObjectKind::Sequence,
            Object::Type(_) => ObjectKind::Type,
            Object::Domain(_) => ObjectKind::Domain,
            Object::Routine(routine) => match routine.kind {
                RoutineKind::Function => ObjectKind::Function,
                RoutineKind::Procedure => ObjectKind::Procedure,
                RoutineKind::Aggregate => ObjectKind::Aggregate,
            },
            Object::Schema(_) => ObjectKind::Schema,
            Object::Extension(_) => ObjectKind::Extension,
            Object::Other(other) => other.kind,
        }
    }
}

/// A view or materialized view.
#[derive(Clone, Debug)]
pub struct View {
    /// Its name.
    pub name: QualifiedName,
    /// MATERIALIZED.
    pub materialized: bool,
    /// Its columns; `None` where they are not known.
    pub columns: Option<Vec<String>>,
    /// What it reads.
    pub reads: Reads,
    /// The text of the query, as it is written or as the database keeps it.
    pub text: String,
    /// The indexes of a materialized view.
    pub indexes: Vec<super::Index>,
    /// The triggers of a view.
    pub triggers: Vec<super::Trigger>,
    /// The statement that makes it, where it was read from a database; a script has it at
    /// [`origin`](View::origin).
    pub statement: Option<String>,
    /// Where it was made; `None` where it comes from a database.
    pub origin: Option<Origin>,
}

/// A sequence.
#[derive(Clone, Debug)]
pub struct Sequence {
    /// Its name.
    pub name: QualifiedName,
    /// `bigint` unless it says otherwise.
    pub column_type: ColumnType,
    /// The table and column with which it goes.
    pub owned_by: Option<(QualifiedName, String)>,
    /// The statement that makes it, where it was read from a database; a script has it at
    /// [`origin`](Sequence::origin).
    pub statement: Option<String>,
    /// Where it was made.
    pub origin: Option<Origin>,
}

/// A type.
#[derive(Clone, Debug)]
pub struct TypeDefinition {
    /// Its name.
    pub name: QualifiedName,
    /// What it is.
    pub kind: TypeKind,
    /// The statement that makes it, where it was read from a database; a script has it at
    /// [`origin`](TypeDefinition::origin).
    pub statement: Option<String>,
    /// Where it was made.
    pub origin: Option<Origin>,
}

/// A domain.
#[derive(Clone, Debug)]
pub struct Domain {
    /// Its name.
    pub name: QualifiedName,
    /// What it is made from.
    pub base: ColumnType,
    /// NOT NULL.
    pub not_null: bool,
    /// DEFAULT.
    pub default: Option<Expression>,
    /// Its checks.
    pub checks: Vec<Constraint>,
    /// Where it was made.
    pub origin: Option<Origin>,
}

/// A function, procedure or aggregate.
#[derive(Clone, Debug)]
pub struct Routine {
    /// Its name.
    pub name: QualifiedName,
    /// What it is.
    pub kind: RoutineKind,
    /// The canonical types of its input arguments; `None` where they are not known.
    pub arguments: Option<Vec<String>>,
    /// The canonical type that it returns.
    pub returns: Option<String>,
    /// Its body without comments and white space, so that a replaced one differs.
    pub body: String,
    /// What a call of it may touch.
    pub touches: Touches,
    /// MySQL: the statements of a procedure, where they are known.
    pub program: Option<Arc<Program>>,
    /// The statement that makes it, where it was read from a database; a script has it at
    /// [`origin`](Routine::origin).
    pub statement: Option<String>,
    /// Where it was made.
    pub origin: Option<Origin>,
}

/// An extension.
#[derive(Clone, Debug)]
pub struct Extension {
    /// Its name.
    pub name: String,
    /// Where it was made.
    pub origin: Option<Origin>,
}

/// An object that is known by name only.
#[derive(Clone, Debug)]
pub struct Other {
    /// What it is.
    pub kind: ObjectKind,
    /// Its name.
    pub name: QualifiedName,
    /// Where it was made.
    pub origin: Option<Origin>,
}

/// What tells MySQL's routines of one name apart: an aggregate is a function there.
pub(super) fn mysql_routine(kind: RoutineKind) -> &'static str {
    match kind {
        RoutineKind::Procedure => "procedure",
        RoutineKind::Function | RoutineKind::Aggregate => "function",
    }
}
