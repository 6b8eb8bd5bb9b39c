//! Statements that read and write rows.

use crate::name::{Ident, ObjectName, Span};
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
    /// Some of the columns are written in part only, as `a[1]` and `a.field` on PostgreSQL: they may
    /// be there twice.
    pub in_parts: bool,
    /// Where the rows of an INSERT come from; `None` for DEFAULT VALUES and SET.
    pub source: Option<InsertSource>,
    /// ON CONFLICT (columns), where they are plain columns.
    pub conflict_columns: Vec<Ident>,
    /// A WHERE clause or a LIMIT restricts the rows of an UPDATE or DELETE.
    pub restricted: bool,
    /// What it reads. For UPDATE, DELETE and MERGE the target is among its sources.
    pub scope: Scope,
    /// Further statements: data-modifying common table expressions.
    pub inner: Vec<Dml>,
}

/// Where the rows of an INSERT come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InsertSource {
    /// VALUES.
    Values {
        /// How many values each row has; `None` where that is not known.
        count: Option<usize>,
        /// The first row.
        span: Span,
    },
    /// A query.
    Query {
        /// Which of the [inner scopes](Scope::inner) is the query's.
        inner: usize,
        /// The query.
        span: Span,
    },
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
