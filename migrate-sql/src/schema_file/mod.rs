//! The file with diesel's `table!` macros: whether it agrees with the schema that the migrations make.
//!
//! The file is the app's: what it leaves out, types of its own, tables under `#[cfg]` and views are
//! not judged. What is judged are the columns of a table, their types, whether they take NULL, and
//! the primary key; only against tables that the model is certain of. Two types are the same where
//! they are one type in Rust, as `Int4` and `Integer` are. A difference that is meant is accepted by
//! `// migrate:allow schema-differs <reason>` above the column or the table.

mod allow;
mod compare;
mod macros;
mod rust_type;
mod tokens;

pub(crate) use compare::check;
