//! Rehearsals, and the private servers that they are held on.
#![cfg(unix)]
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test may panic, and a process that a test starts may tell it something"
)]

mod copies;
mod outside;
mod processes;
mod project;
mod rows;
mod scratch;
mod ways;
