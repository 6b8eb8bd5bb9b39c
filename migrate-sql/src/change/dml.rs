//! Statements that read and write rows.

use crate::name::{Ident, ObjectName};
use crate::scope::Scope;

/// INSERT, UPDATE, DELETE, MERGE, SELECT, COPY.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dml {
    /// Which.
    pub verb: DmlVerb,
    /// The table that is written.
    pub target: Option<ObjectName>,
    /// The columns that are written; empty for INSERT without a list.
    pub columns: Vec<Ident>,
    /// INSERT … VALUES: how many values the first row has.
    pub values: Option<usize>,
    /// ON CONFLICT (columns), where they are plain columns.
    pub conflict_columns: Vec<Ident>,
    /// A WHERE clause or a LIMIT restricts the rows of an UPDATE or DELETE.
    pub restricted: bool,
    /// What it reads. For UPDATE, DELETE and MERGE the target is among its sources.
    pub scope: Scope,
    /// Further statements: data-modifying common table expressions.
    pub inner: Vec<Dml>,
}

/// Which statement it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DmlVerb {
    /// SELECT, VALUES, TABLE, EXPLAIN.
    Select,
    /// INSERT.
    Insert,
    /// REPLACE, INSERT OR REPLACE.
    Replace,
    /// UPDATE.
    Update,
    /// DELETE.
    Delete,
    /// MERGE.
    Merge,
    /// COPY, LOAD DATA.
    Copy,
}
