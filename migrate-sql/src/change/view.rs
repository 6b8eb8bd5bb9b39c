//! Views.

use crate::name::{Ident, ObjectName, Span};
use crate::scope::Scope;

/// CREATE VIEW and CREATE MATERIALIZED VIEW.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreateView {
    /// The view.
    pub name: ObjectName,
    /// MATERIALIZED.
    pub materialized: bool,
    /// OR REPLACE.
    pub or_replace: bool,
    /// Nothing happens where it is there.
    pub if_not_exists: bool,
    /// TEMPORARY.
    pub temporary: bool,
    /// Its columns.
    pub columns: OutputColumns,
    /// PostgreSQL: names of the first columns, in place of the query's; among
    /// [`columns`](CreateView::columns), where these are known.
    pub listed: Vec<Ident>,
    /// What it reads.
    pub query: Scope,
    /// The text of the query.
    pub text: String,
    /// The query.
    pub span: Span,
}

/// The columns that a query gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OutputColumns {
    /// All are known by name: listed, or each with a name of its own.
    Known(Vec<Ident>),
    /// `*` or something without a name is among them.
    Unknown,
}
