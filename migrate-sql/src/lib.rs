//! What the SQL of a migration does: its changes, the schema they make, whether the way down undoes
//! the way up, and what is risky. No live database, no files.
//!
//! The way of a script: [`dialect`] turns each statement into [`change`]s, which know no dialect;
//! [`schema`] applies them, or says why the database would refuse; [`mod@check`] does so for a whole
//! set and makes findings of it.
//!
//! What cannot be followed is *unknown*, and unknown is never an error: a finding at level error
//! needs certainty.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

#[cfg(feature = "sqlite")]
pub mod catalogue;
pub mod change;
pub mod check;
mod column_type;
mod conflict;
pub mod dialect;
pub mod diff;
pub mod emit;
mod expression;
pub mod fix;
pub mod hazard;
mod name;
mod quoting;
#[cfg(feature = "sqlite")]
mod sandbox;
pub mod schema;
mod schema_file;
mod scope;

pub use column_type::ColumnType;
pub use conflict::{Conflict, Origin};
pub use expression::Expression;
pub use name::{Ident, ObjectName, QualifiedName, Span};
pub use scope::{ColumnRef, FunctionCall, Scope, SelectItem, Source, SourceKind};
