//! The report of a run: what it says, that nothing breaks out of it, that its JSON is what its schema
//! says.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot go on has failed"
)]

mod command;
mod described;
mod instances;
mod journal;
mod pages;
mod samples;
mod schema;
