//! The report of a run: one JSON document, and from it a page for people.
//!
//! [`Report::of`] reads what a run wrote down ([`run_state`](crate::run_state)): the journal, and the
//! evidence that each step kept. It works for a run that goes on, failed or was killed as for one
//! that is done. [`page`] makes of it what is shown, which [`html`] and [`markdown`] write.
//!
//! - Only what was looked at and found right is green. *Not checked* and *estimated* are states of
//!   their own.
//! - No value of a row and no password is in it: SQL goes through
//!   [`redact`](migrate_core::redact).
//! - Whatever a name, a comment or a message of a server holds, it stays text.
//!
//! ```no_run
//! use std::path::Path;
//!
//! use migrate_ops::report::{self, Report};
//! use migrate_ops::run_state::RunState;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! if let Some(run) = RunState::latest(Path::new(".migrate"))? {
//!     let report = Report::of(&run)?;
//!     std::fs::write("report.html", report::html(&report::page(&report)))?;
//! }
//! # Ok(())
//! # }
//! ```

mod document;
mod figure;
mod follow_up;
mod html;
mod log;
mod markdown;
mod message;
mod rollback;
mod section;
mod steps;
mod surroundings;
mod verdict;
pub mod view;

pub use document::{FORMAT, Identity, Report};
pub(crate) use figure::counted;
pub use follow_up::FollowUp;
pub use html::render as html;
pub use log::{LockTimeout, Log, LoggedScript, LoggedStatement, LoggedText};
pub use markdown::render as markdown;
pub use message::{Message, Moment};
pub use rollback::{RollbackPlan, RollbackWay, Tried};
pub use section::page;
pub use steps::{StepOutcome, StepRecord};
pub use surroundings::{Git, MigrationsDigest, SURROUNDINGS, Server, Setting, Surroundings};
pub use verdict::{Verdict, VerdictKind};

/// The JSON Schema (2020-12) of a report's JSON, `report.schema.json` in this crate's folder.
pub const SCHEMA: &str = include_str!("../../report.schema.json");
