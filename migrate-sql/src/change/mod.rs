//! What a statement does, in words that no dialect owns.
//!
//! Every name carries its place, so that whoever finds a fault can point at it. A statement that is
//! several changes in its dialect (`ALTER TABLE` with many actions, `DROP TABLE a, b`) stays one
//! statement with several of them, because it happens as a whole.

mod dml;
mod index;
mod program;
mod routine;
mod table;
mod types;
mod view;

use std::collections::BTreeSet;

use crate::expression::Expression;
use crate::name::{Ident, ObjectName, Span};

pub use dml::{Dml, DmlVerb, InsertSource};
pub use index::{AlterIndex, CreateIndex, IndexPart, PartKind};
pub use program::{LoopEnd, Parameter, Prepared, Program, Query, Step, Value, Variable};
pub use routine::{CreateRoutine, CreateTrigger, RoutineKind, TriggerTiming};
pub use table::{
    AlterTable, ColumnChange, ColumnDefinition, ColumnPosition, ConstraintDefinition,
    ConstraintKind, CreateTable, ForeignKeyAction, Generated, Identity, Partition, References,
    TableAction, TableLike, TableOption,
};
pub use types::{
    AlterDomain, AlterEnum, AlterSequence, CreateDomain, CreateSequence, CreateType, TypeKind,
};
pub use view::{CreateView, OutputColumns};

/// One effect of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Change {
    /// CREATE TABLE, also AS SELECT.
    CreateTable(Box<CreateTable>),
    /// ALTER TABLE, without renames and SET SCHEMA of the table itself.
    AlterTable(Box<AlterTable>),
    /// CREATE INDEX.
    CreateIndex(Box<CreateIndex>),
    /// ALTER INDEX, but for its renames.
    AlterIndex(AlterIndex),
    /// CREATE VIEW and CREATE MATERIALIZED VIEW.
    CreateView(Box<CreateView>),
    /// CREATE TYPE.
    CreateType(CreateType),
    /// ALTER TYPE of an enum: its values.
    AlterEnum(AlterEnum),
    /// CREATE DOMAIN.
    CreateDomain(Box<CreateDomain>),
    /// ALTER DOMAIN.
    AlterDomain(Box<AlterDomain>),
    /// CREATE SEQUENCE.
    CreateSequence(CreateSequence),
    /// ALTER SEQUENCE, but for its renames.
    AlterSequence(AlterSequence),
    /// CREATE FUNCTION, PROCEDURE, AGGREGATE.
    CreateRoutine(Box<CreateRoutine>),
    /// CREATE TRIGGER, and MySQL's CREATE EVENT (without a table).
    CreateTrigger(Box<CreateTrigger>),
    /// CREATE SCHEMA; CREATE DATABASE on MySQL.
    CreateSchema {
        /// The schema.
        name: Ident,
        /// Nothing happens where it is there.
        if_not_exists: bool,
    },
    /// CREATE EXTENSION. What it makes is not known.
    CreateExtension {
        /// The extension.
        name: Ident,
        /// Nothing happens where it is there.
        if_not_exists: bool,
    },
    /// CREATE POLICY.
    CreatePolicy {
        /// The policy.
        name: Ident,
        /// Its table.
        table: ObjectName,
        /// USING and WITH CHECK.
        expressions: Vec<Expression>,
    },
    /// ALTER POLICY, but for its renames.
    AlterPolicy(Box<AlterPolicy>),
    /// CREATE of something that the model only knows by name: operators, casts, text search
    /// configurations, publications, roles, rules, statistics.
    CreateOther {
        /// What it is.
        kind: ObjectKind,
        /// Its name, where it has one.
        name: Option<ObjectName>,
        /// The table that it belongs to, where it belongs to one.
        table: Option<ObjectName>,
    },
    /// DROP of one object or more.
    Drop(Drop),
    /// RENAME of an object that stands for itself; columns and constraints are
    /// [`TableAction`]s.
    Rename {
        /// What it is.
        kind: ObjectKind,
        /// The name before.
        from: ObjectName,
        /// The name after; it may have a schema on MySQL only.
        to: ObjectName,
        /// The table of a trigger or policy.
        table: Option<ObjectName>,
        /// Nothing happens where it is not there.
        if_exists: bool,
    },
    /// SET SCHEMA.
    SetSchema {
        /// What it is.
        kind: ObjectKind,
        /// The object.
        name: ObjectName,
        /// The schema that it moves to.
        schema: Ident,
        /// Nothing happens where it is not there.
        if_exists: bool,
    },
    /// COMMENT ON.
    Comment {
        /// What it is about.
        kind: ObjectKind,
        /// The object; for a column its table.
        name: ObjectName,
        /// The column.
        column: Option<Ident>,
    },
    /// GRANT, REVOKE, OWNER TO, ALTER DEFAULT PRIVILEGES, and every other statement that names
    /// objects and changes nothing that the model has.
    Privilege {
        /// The objects that are named, with what they are.
        objects: Vec<(ObjectKind, ObjectName)>,
    },
    /// INSERT, UPDATE, DELETE, MERGE, SELECT, COPY and the like.
    Dml(Box<Dml>),
    /// TRUNCATE.
    Truncate {
        /// The tables.
        tables: Vec<ObjectName>,
        /// With all that reference them.
        cascade: bool,
    },
    /// VACUUM, REINDEX, CLUSTER, REFRESH, ANALYZE, OPTIMIZE, LOCK TABLE, CHECKPOINT.
    Maintenance {
        /// Which.
        verb: MaintenanceVerb,
        /// What it is about; nothing for the whole database.
        name: Option<ObjectName>,
        /// CONCURRENTLY.
        concurrently: bool,
        /// FULL.
        full: bool,
    },
    /// SET, RESET, USE, PRAGMA: changes only the session.
    Session(Session),
    /// MySQL: a step that decides what runs, or remembers something for later steps.
    Step(Box<Step>),
    /// It may do anything to what it touches.
    Opaque(Opaque),
}

/// ALTER POLICY.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlterPolicy {
    /// The policy.
    pub name: Ident,
    /// Its table.
    pub table: ObjectName,
    /// USING, where it is written anew.
    pub using: Option<Expression>,
    /// WITH CHECK, where it is written anew.
    pub check: Option<Expression>,
}

/// DROP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drop {
    /// What is dropped.
    pub kind: ObjectKind,
    /// The names.
    pub names: Vec<ObjectName>,
    /// The table of a trigger, policy, rule or MySQL index.
    pub table: Option<ObjectName>,
    /// For a routine: the canonical types of its arguments, where they are given.
    pub arguments: Option<Vec<String>>,
    /// Nothing happens where it is not there.
    pub if_exists: bool,
    /// With all that depends on it.
    pub cascade: bool,
    /// CONCURRENTLY.
    pub concurrently: bool,
}

/// Sorts of objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum ObjectKind {
    /// A table.
    Table,
    /// A foreign table.
    ForeignTable,
    /// A view.
    View,
    /// A materialized view.
    MaterializedView,
    /// A column, where something names one.
    Column,
    /// A constraint of a table.
    Constraint,
    /// An index.
    Index,
    /// A sequence.
    Sequence,
    /// A type.
    Type,
    /// A domain.
    Domain,
    /// A function.
    Function,
    /// A procedure.
    Procedure,
    /// A function or procedure: DROP ROUTINE.
    Routine,
    /// An aggregate.
    Aggregate,
    /// A trigger.
    Trigger,
    /// A MySQL event.
    Event,
    /// A row security policy.
    Policy,
    /// A rewrite rule.
    Rule,
    /// A schema; a database on MySQL.
    Schema,
    /// An extension.
    Extension,
    /// A role or user.
    Role,
    /// A publication.
    Publication,
    /// A subscription.
    Subscription,
    /// Extended statistics.
    Statistics,
    /// A collation.
    Collation,
    /// Anything else.
    Other,
}

impl ObjectKind {
    /// The word for it in messages.
    pub const fn name(self) -> &'static str {
        match self {
            ObjectKind::Table => "table",
            ObjectKind::ForeignTable => "foreign table",
            ObjectKind::View => "view",
            ObjectKind::MaterializedView => "materialized view",
            ObjectKind::Column => "column",
            ObjectKind::Constraint => "constraint",
            ObjectKind::Index => "index",
            ObjectKind::Sequence => "sequence",
            ObjectKind::Type => "type",
            ObjectKind::Domain => "domain",
            ObjectKind::Function => "function",
            ObjectKind::Procedure => "procedure",
            ObjectKind::Routine => "routine",
            ObjectKind::Aggregate => "aggregate",
            ObjectKind::Trigger => "trigger",
            ObjectKind::Event => "event",
            ObjectKind::Policy => "policy",
            ObjectKind::Rule => "rule",
            ObjectKind::Schema => "schema",
            ObjectKind::Extension => "extension",
            ObjectKind::Role => "role",
            ObjectKind::Publication => "publication",
            ObjectKind::Subscription => "subscription",
            ObjectKind::Statistics => "statistics",
            ObjectKind::Collation => "collation",
            ObjectKind::Other => "object",
        }
    }
}

/// Statements that maintain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MaintenanceVerb {
    /// VACUUM.
    Vacuum,
    /// ANALYZE.
    Analyze,
    /// REINDEX of an index.
    ReindexIndex,
    /// REINDEX of a table.
    ReindexTable,
    /// REINDEX of a schema or database.
    ReindexAll,
    /// CLUSTER.
    Cluster,
    /// REFRESH MATERIALIZED VIEW.
    Refresh,
    /// OPTIMIZE TABLE, REPAIR TABLE.
    Optimize,
    /// LOCK TABLE.
    Lock,
    /// Anything else that changes no schema.
    Other,
}

/// A change of the session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Session {
    /// SET search_path; USE on MySQL. Unqualified names mean something else from here on.
    SearchPath {
        /// The schemas, in order; `None` where they are not known.
        schemas: Option<Vec<String>>,
    },
    /// CREATE SCHEMA with statements inside: unqualified names are those of this schema first, until
    /// [`Left`](Session::Left).
    Entered {
        /// The schema.
        schema: Ident,
    },
    /// The end of such statements: names mean what they meant before.
    Left,
    /// `SET lock_timeout` or `SET statement_timeout` and their like on MySQL.
    Timeout {
        /// The name of the setting.
        name: String,
    },
    /// Any other setting.
    Setting {
        /// The name of the setting, in lower case.
        name: String,
        /// Its value as it is written, unquoted; `None` for RESET and expressions.
        value: Option<String>,
    },
}

/// A statement that cannot be followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opaque {
    /// Why, as messages say it: "a DO block", "dynamic SQL".
    pub reason: String,
    /// What it may touch.
    pub touches: Touches,
    /// The statement.
    pub span: Span,
}

/// What a statement that cannot be followed may touch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Touches {
    /// Nothing in the schema: it only reads or writes rows.
    Nothing,
    /// Only objects whose name is among these words, which stand in its text. They may be made,
    /// changed or dropped.
    Words(BTreeSet<String>),
    /// Everything.
    Everything,
}
