//! Types, domains and sequences.

use super::ConstraintDefinition;
use crate::column_type::ColumnType;
use crate::expression::Expression;
use crate::name::{Ident, ObjectName};

/// CREATE TYPE.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreateType {
    /// The type.
    pub name: ObjectName,
    /// What it is.
    pub kind: TypeKind,
}

/// What a type is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TypeKind {
    /// AS ENUM; the values, unquoted.
    Enum(Vec<String>),
    /// AS (fields).
    Composite(Vec<(Ident, ColumnType)>),
    /// AS RANGE.
    Range,
    /// A shell or base type.
    Base,
}

/// ALTER TYPE of an enum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AlterEnum {
    /// ADD VALUE.
    AddValue {
        /// The type.
        name: ObjectName,
        /// The value, with its place.
        value: Ident,
        /// Nothing happens where it is there.
        if_not_exists: bool,
        /// BEFORE this value.
        before: Option<Ident>,
        /// AFTER this value.
        after: Option<Ident>,
    },
    /// RENAME VALUE.
    RenameValue {
        /// The type.
        name: ObjectName,
        /// The value before.
        from: Ident,
        /// The value after.
        to: Ident,
    },
}

/// CREATE DOMAIN.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreateDomain {
    /// The domain.
    pub name: ObjectName,
    /// What it is made from.
    pub base: ColumnType,
    /// NOT NULL.
    pub not_null: bool,
    /// DEFAULT.
    pub default: Option<Expression>,
    /// CHECK constraints.
    pub checks: Vec<ConstraintDefinition>,
}

/// ALTER DOMAIN.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AlterDomain {
    /// SET DEFAULT, or DROP DEFAULT with `None`.
    Default(ObjectName, Option<Expression>),
    /// SET NOT NULL (true), DROP NOT NULL.
    NotNull(ObjectName, bool),
    /// ADD CONSTRAINT.
    AddConstraint(ObjectName, ConstraintDefinition),
    /// DROP CONSTRAINT, and whether it may be missing.
    DropConstraint(ObjectName, Ident, bool),
    /// RENAME CONSTRAINT.
    RenameConstraint(ObjectName, Ident, Ident),
    /// VALIDATE CONSTRAINT.
    ValidateConstraint(ObjectName, Ident),
}

/// CREATE SEQUENCE.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreateSequence {
    /// The sequence.
    pub name: ObjectName,
    /// Nothing happens where it is there.
    pub if_not_exists: bool,
    /// TEMPORARY.
    pub temporary: bool,
    /// AS; `bigint` where it is not written.
    pub column_type: Option<ColumnType>,
    /// OWNED BY this column; the sequence goes when the column goes.
    pub owned_by: Option<(ObjectName, Ident)>,
}

/// ALTER SEQUENCE.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlterSequence {
    /// The sequence.
    pub name: ObjectName,
    /// Nothing happens where it is not there.
    pub if_exists: bool,
    /// AS.
    pub column_type: Option<ColumnType>,
    /// OWNED BY: a column, or `Some(None)` for NONE.
    pub owned_by: Option<Option<(ObjectName, Ident)>>,
}
