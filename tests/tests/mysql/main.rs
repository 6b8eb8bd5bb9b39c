//! MySQL's reader against a live MariaDB: what it takes for SQL is SQL, and expressions and types
//! are equal in a script and in the server's own words.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod expressions;
mod statements;
mod types;
