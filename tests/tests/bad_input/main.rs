//! Bad input: broken directories, hostile names, databases in odd states. Each is met with its exact
//! message, and nothing is lost: neither a file nor a byte of the database changes.
//!
//! The messages are in `snapshots/`, one file a table; `INSTA_UPDATE=always` writes them anew.
#![cfg(unix)]
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may panic"
)]

mod directories;
mod hostile;
mod outcome;
mod project;
mod servers;
mod sqlite;
