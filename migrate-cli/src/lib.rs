//! The `migrate` command: check, apply, revert and adopt database migrations on PostgreSQL, MySQL,
//! MariaDB and SQLite.
//!
//! As a library it gives an app the same command for its embedded migrations, which is the way to
//! run Rust code from an operator's shell: see [`main_with`].
//!
//! stdout is data, stderr is talk; [`Exit`] lists the exit codes. What `--format json` writes:
#![doc = include_str!("../json.md")]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod app;
mod cli;
mod commands;
mod context;
mod error;
mod exit;
mod interrupt;
mod output;
mod project;
mod source;

pub use app::{App, main, main_with};
pub use exit::Exit;
pub use migrate_ops::connect::Engine;
