//! The schema model in other forms.

pub mod diesel;
pub mod mermaid;
pub mod sql;
