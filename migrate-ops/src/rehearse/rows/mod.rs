//! Rows that only the new schema allows: a way down that works on the rows of before may fail on those
//! that were written since.
//!
//! [`loosened`] compares the schemas before and after the way up; [`make`] writes a row for each thing
//! that is allowed now, into a copy. What a CHECK refused is not worked out from its text, and said to
//! be untried.

mod blame;
mod loosened;
mod make;
mod types;

pub(super) use blame::of_statement;
pub(super) use loosened::loosened;
pub(super) use make::{make, untried};
