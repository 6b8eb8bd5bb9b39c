//! The safe run of migrations as a library. No terminal: nothing here prints or asks.
//!
//! One folder a capability; each takes a [`Deployment`] (migrations, and the database that they are
//! for) and gives *evidence*: plain data that can be written as JSON and goes into the report as it
//! is.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

pub mod analyse;
pub mod backup;
pub mod connect;
mod deployment;
pub mod digest;
pub mod drift;
pub mod event;
pub mod execute;
pub mod forecast;
pub mod introspect;
pub mod rehearse;
pub mod reinstate;
pub mod replica;
pub mod report;
pub mod run;
pub mod run_state;
pub mod scratch;
mod shell;
pub mod time;
pub mod tool;
pub mod validate;

pub use deployment::{Deployment, MakeMigrator, OnConnect, Sources};
