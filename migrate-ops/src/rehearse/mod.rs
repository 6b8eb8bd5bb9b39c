//! Trying migrations on a copy: up, down, up.
//!
//! The copy is an empty database on a private server ([`crate::scratch`]), brought to where the real
//! one is by applying what is applied there; or a database of a staging server. [`CopyOf`] says which
//! it was. The real database is only read: its history and a few of its settings.
//!
//! The first way up is measured: each statement's time, and on PostgreSQL the locks that it took and
//! that are held until the transaction commits. After the way down, schema and data have to be what
//! they were before the way up; what differs is shown, and makes the rehearsal fail. What can never
//! be the same again, as a column with the time of the last change, is *not comparable*: the
//! rehearsal has then passed in part only.
//!
//! Before anything runs, the scripts and what the copy has of triggers, routines and the like are
//! looked through for what reaches outside of a copy ([`RehearseError::ReachesOut`]).

mod catalogue;
mod copy;
mod error;
mod evidence;
mod mask;
mod measure;
mod reach;
mod run;
mod state;

pub use copy::Copy;
pub use error::RehearseError;
pub use evidence::{
    CopyOf, DataState, LockEvidence, NotComparable, OnlyUp, Pass, PlaceEvidence, RehearsalEvidence,
    RehearsedMigration, RehearsedStatement, SchemaState, Verdict,
};
pub use run::{Options, rehearse};
