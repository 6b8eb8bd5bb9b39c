//! Backups on real servers, and what is done about everything that can go wrong with one.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot go on has failed"
)]

mod command;
mod faults;
mod physical;
mod physical_mariadb;
mod place;
mod round_trip;
mod sampled;
mod shop;
mod verified;
