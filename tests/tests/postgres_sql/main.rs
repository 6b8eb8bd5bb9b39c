//! What is understood of PostgreSQL's SQL, compared with what a server says.
#![allow(clippy::expect_used, clippy::panic, reason = "a test may panic")]

mod expressions;
mod grammar;
