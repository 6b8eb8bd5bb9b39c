//! What a run is foretold to do, against what it does on live servers.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test that cannot go on has failed"
)]

mod command;
mod durations;
mod locks;
mod losses;
mod replicas;
mod set;
