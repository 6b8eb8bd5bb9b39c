//! Indexes.

use crate::expression::Expression;
use crate::name::{Ident, ObjectName, Span};

/// CREATE INDEX, and MySQL's indexes inside CREATE TABLE and ALTER TABLE.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreateIndex {
    /// Its name, where it is written.
    pub name: Option<Ident>,
    /// Its table; `None` inside CREATE TABLE and ALTER TABLE.
    pub table: Option<ObjectName>,
    /// UNIQUE.
    pub unique: bool,
    /// CONCURRENTLY.
    pub concurrently: bool,
    /// Nothing happens where it is there.
    pub if_not_exists: bool,
    /// MariaDB's OR REPLACE.
    pub or_replace: bool,
    /// ONLY the partitioned table.
    pub only: bool,
    /// `btree`, `gin`, `fulltext`, `spatial`, in lower case; `None` for the default.
    pub method: Option<String>,
    /// Its columns and expressions.
    pub parts: Vec<IndexPart>,
    /// INCLUDE.
    pub include: Vec<Ident>,
    /// NULLS NOT DISTINCT.
    pub nulls_not_distinct: bool,
    /// WHERE.
    pub predicate: Option<Expression>,
    /// MySQL's `ALGORITHM=…`, in upper case.
    pub algorithm: Option<String>,
    /// MySQL's `LOCK=…`, in upper case.
    pub lock: Option<String>,
    /// All of it.
    pub span: Span,
}

/// A column or expression of an index or key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexPart {
    /// What is indexed.
    pub kind: PartKind,
    /// DESC.
    pub descending: bool,
    /// NULLS FIRST (true) or LAST (false), where it differs from the direction's default.
    pub nulls_first: Option<bool>,
    /// COLLATE.
    pub collation: Option<String>,
    /// The operator class.
    pub operator_class: Option<String>,
    /// MySQL's prefix length.
    pub prefix: Option<u64>,
}

/// What is indexed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PartKind {
    /// A column.
    Column(Ident),
    /// An expression.
    Expression(Expression),
}

impl IndexPart {
    /// A column without more.
    pub fn column(name: Ident) -> Self {
        IndexPart {
            kind: PartKind::Column(name),
            descending: false,
            nulls_first: None,
            collation: None,
            operator_class: None,
            prefix: None,
        }
    }

    /// The column, where it is one.
    pub fn as_column(&self) -> Option<&Ident> {
        match &self.kind {
            PartKind::Column(name) => Some(name),
            PartKind::Expression(_) => None,
        }
    }
}

/// ALTER INDEX.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlterIndex {
    /// The index.
    pub name: ObjectName,
    /// Nothing happens where it is not there.
    pub if_exists: bool,
    /// ATTACH PARTITION.
    pub attach: Option<ObjectName>,
    /// SET TABLESPACE rewrites it; the other forms touch the catalogue only.
    pub rewrite: bool,
}
