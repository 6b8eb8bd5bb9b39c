//! The `migrate` command as its users see it: exit code, stdout and stderr.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot go on has failed"
)]

mod check;
mod command;
mod diff;
mod drift;
mod embedded;
mod exit_codes;
mod fix;
mod help;
mod hostile;
mod interrupt;
mod json;
mod schema;
mod servers;
mod terminal;
mod tls;
mod transcripts;
mod unfinished_run;
