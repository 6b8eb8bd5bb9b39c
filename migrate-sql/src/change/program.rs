//! Programs of MySQL: bodies of procedures, compound statements, variables and prepared statements.
//!
//! They are kept as steps that the model can follow where it knows the values: see
//! [`Schema::apply`](crate::schema::Schema::apply).

use super::Change;
use crate::name::{ObjectName, Span};

/// The body of a procedure with its parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// In their order.
    pub parameters: Vec<Parameter>,
    /// The statements of the body.
    pub body: Vec<Change>,
}

/// A parameter of a procedure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// OUT and INOUT: the caller's variable gets its value.
    pub out: bool,
}

/// A step that decides what runs, or remembers something for later steps.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Step {
    /// A block with a scope of its own for variables.
    Block {
        /// Its label.
        label: Option<String>,
        /// The statements of all its handlers.
        handlers: Vec<Change>,
        /// One of them may catch an error, not only the end of rows.
        catches: bool,
        /// Its statements.
        body: Vec<Change>,
    },
    /// DECLARE of variables.
    Declare {
        /// The variables.
        names: Vec<String>,
        /// DEFAULT, or NULL.
        value: Value,
    },
    /// IF and CASE.
    If {
        /// Conditions with what follows THEN, in order.
        branches: Vec<(Value, Vec<Change>)>,
        /// ELSE; `None` for a CASE without one, which fails where nothing matches.
        otherwise: Option<Vec<Change>>,
    },
    /// WHILE, REPEAT, LOOP and FOR.
    Loop {
        /// Its label.
        label: Option<String>,
        /// When it goes on.
        until: LoopEnd,
        /// Its statements.
        body: Vec<Change>,
    },
    /// LEAVE of the block or loop with that label.
    Leave(String),
    /// ITERATE of the loop with that label.
    Iterate(String),
    /// An assignment.
    Set {
        /// What gets the value.
        variable: Variable,
        /// The value.
        value: Value,
        /// What it is where there is no variable of that name: the setting of a session.
        setting: Option<Box<Change>>,
    },
    /// SELECT … INTO, FETCH, GET DIAGNOSTICS and assignments inside of expressions.
    Assign {
        /// What gets values, in order; nothing where any variable may.
        variables: Vec<Variable>,
        /// Where they come from; `None` where that is not followed.
        query: Option<Box<Query>>,
    },
    /// PREPARE.
    Prepare {
        /// The name of the statement.
        name: String,
        /// Its text.
        text: Value,
        /// All of it.
        span: Span,
    },
    /// EXECUTE.
    Execute {
        /// The statement's name, or its text after IMMEDIATE.
        what: Prepared,
        /// All of it.
        span: Span,
    },
    /// DEALLOCATE PREPARE.
    Deallocate(String),
    /// CALL.
    Call {
        /// The procedure.
        name: ObjectName,
        /// What it is given.
        arguments: Vec<Value>,
        /// All of it.
        span: Span,
    },
    /// SIGNAL, RESIGNAL and RETURN: nothing after it runs.
    Stop,
}

/// When a loop ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LoopEnd {
    /// WHILE: before a round in which this is not true.
    While(Value),
    /// REPEAT: after a round after which this is true.
    Until(Value),
    /// LOOP: when it is left.
    Left,
    /// FOR: when its range or cursor is at its end, which is not followed. It has this variable.
    Range(String),
}

/// What EXECUTE runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Prepared {
    /// A statement that was prepared.
    Name(String),
    /// This text.
    Text(Value),
}

/// Something that holds a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Variable {
    /// `@x`, without the mark and in lower case.
    Session(String),
    /// A parameter or declared variable, in lower case.
    Local(String),
}

/// An expression that may be computed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// NULL.
    Null,
    /// A whole number.
    Number(i64),
    /// A string.
    Text(String),
    /// `@x`.
    Session(String),
    /// A variable of the program or, in a query, a column; in lower case. True where a table stands
    /// before it, so that it is a column.
    Name(String, bool),
    /// An operator or a function with its operands, in lower case: `concat`, `=`, `is null`.
    Operation(String, Vec<Value>),
    /// A query in brackets.
    Query(Box<Query>),
    /// `*`, as in `COUNT(*)`.
    Star,
    /// Anything else.
    Unknown,
}

/// A query of one table, or of none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// The select list.
    pub select: Vec<Value>,
    /// The table.
    pub from: Option<ObjectName>,
    /// WHERE.
    pub condition: Option<Value>,
}
