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
mod cut;
mod failed;
mod killed;
mod lease;
mod obstacles;
mod orphans;
mod planning;
mod process;
mod rebuilds;
mod scripts;
mod session;
mod stage;
mod whole_runs;
