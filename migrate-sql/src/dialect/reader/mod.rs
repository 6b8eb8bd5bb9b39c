//! Reading SQL of MySQL, MariaDB and SQLite: what the two dialects share.
//!
//! A recursive-descent reader over [`migrate_core::lex`]'s tokens. It makes no tree of queries:
//! what a query reads goes straight into the [`Scope`](crate::scope::Scope) that is open, and only
//! expressions have a small tree, from which their canonical form is written.
//!
//! Whoever reads asks for what must come next. What comes instead is a [`Fault`]: broken where no
//! server takes it, or unknown where the reader cannot follow. SQLite never makes an error of
//! either, since SQLite itself judges its scripts.

mod builtin;
mod canonical;
mod cursor;
mod expression;
mod fault;
mod function;
mod literal;
mod names;
mod operand;
mod query;
mod references;
mod source;
mod tree;
mod words;
mod write;

pub(super) use cursor::{Reader, VersionComments};
pub(super) use fault::{Fault, Read};
pub(super) use literal::string_value;
#[cfg(feature = "mysql")]
pub(super) use tree::Tree;
