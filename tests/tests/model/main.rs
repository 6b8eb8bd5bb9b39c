//! The model that scripts make equals the live database: after every migration of real sets, and
//! after scripts of our own that go through each database's grammar.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test that cannot go on panics, and shares are printed"
)]

mod compare;
mod corpora;
mod emitted;
mod mariadb;
mod postgres;
mod sqlite;
