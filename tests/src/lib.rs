//! What the tests over the whole workspace share. Only tests use it: it panics where it cannot go on.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot go on has failed"
)]

pub mod contract;
pub mod corpora;
pub mod measure;
pub mod mutants;
pub mod overhead;
pub mod reinstating;
pub mod server;
pub mod shop;
