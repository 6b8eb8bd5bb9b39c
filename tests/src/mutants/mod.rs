//! Mutation tests of the SQL checks: real migrations with one mistake in them, judged by a live
//! database and by the checks.
//!
//! A [`Mutant`] is a set with one edit of a [`Class`]. A database says which of them are broken: a
//! script fails, or the migration no longer leads back to the schema before it ([`live`]). Of those
//! the checks have to find nearly all, and on the rest and on the sets as they are they have to be
//! silent. Nothing is random: the same sets give the same mutants in every run.
//!
//! ```console
//! $ tests/run --servers -- cargo run -p migrate-tests --bin mutants -- --dialect sqlite
//! ```

mod checker;
mod class;
mod generate;
pub mod live;
mod mutant;
mod report;
mod run;
mod set;

pub use checker::{Checker, Finding};
pub use class::Class;
pub use generate::generate;
pub use mutant::{Edit, Mutant};
pub use report::{Missed, Report, Row};
pub use run::{Judged, Outcome, Run};
pub use set::{MutableSet, SetScript, SetSource};
