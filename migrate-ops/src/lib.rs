//! The safe run of migrations as a library. No terminal: nothing here prints or asks.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

pub mod introspect;
