//! `--on-failure restore` and `migrate restore --in-place`: a backup in the place of its database, with nothing
//! of anybody lost, whatever happens on the way.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot go on panics"
)]

mod broken;
mod killed;
mod project;
mod put_back;
mod refused;
