//! Functions, procedures, triggers.

use std::sync::Arc;

use super::{Opaque, Program};
use crate::expression::Expression;
use crate::name::{Ident, ObjectName};

/// CREATE FUNCTION, PROCEDURE, AGGREGATE.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreateRoutine {
    /// Its name.
    pub name: ObjectName,
    /// What it is.
    pub kind: RoutineKind,
    /// OR REPLACE.
    pub or_replace: bool,
    /// Nothing happens where it is there.
    pub if_not_exists: bool,
    /// The canonical types of its input arguments; `None` where they are not known.
    pub arguments: Option<Vec<String>>,
    /// The canonical type that it returns; `trigger` for trigger functions.
    pub returns: Option<String>,
    /// What it does when it is called: the words of its body, as far as it is not
    /// followed.
    pub body: Opaque,
    /// MySQL: the statements of a procedure, so that a call of it can be followed.
    pub program: Option<Arc<Program>>,
}

/// Sorts of routines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RoutineKind {
    /// A function.
    Function,
    /// A procedure.
    Procedure,
    /// An aggregate.
    Aggregate,
}

/// CREATE TRIGGER, and MySQL's CREATE EVENT.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreateTrigger {
    /// Its name.
    pub name: ObjectName,
    /// Its table; `None` for an event and PostgreSQL's event triggers.
    pub table: Option<ObjectName>,
    /// OR REPLACE.
    pub or_replace: bool,
    /// Nothing happens where it is there.
    pub if_not_exists: bool,
    /// CONSTRAINT TRIGGER.
    pub constraint: bool,
    /// When it runs.
    pub timing: TriggerTiming,
    /// UPDATE OF these columns.
    pub of_columns: Vec<Ident>,
    /// WHEN.
    pub when: Option<Expression>,
    /// PostgreSQL: the function that it runs.
    pub function: Option<ObjectName>,
    /// MySQL and SQLite: the words of its body.
    pub body: Option<Opaque>,
}

/// When a trigger runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TriggerTiming {
    /// BEFORE.
    Before,
    /// AFTER.
    After,
    /// INSTEAD OF.
    InsteadOf,
    /// On a schedule or on an event of the database.
    Event,
}
