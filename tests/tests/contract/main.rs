//! What a migrator promises, on every database and each kind of connection.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    missing_docs,
    reason = "a test may panic"
)]

mod abandoned;
mod access;
mod adopted;
mod at_once;
mod failed;
mod killed;
mod lease;
mod obstacles;
mod planning;
mod process;
mod rebuilds;
mod scripts;
mod session;
mod whole_runs;
