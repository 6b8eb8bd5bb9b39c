//! Real migration sets go up, all the way down and up again, and make the schema that the
//! database's own client makes of the same files.
//!
//! The sets are no part of this project: they are looked for in `../shared/corpora` beside the
//! repository, or where `MIGRATE_TEST_CORPORA` says.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a test may panic, and prints what is worth knowing about a set"
)]

mod authelia;
mod corpus;
mod crates_io;
mod journey;
