//! Trying migrations on a copy: up, down, up.
//!
//! The copy is an empty database on a private server ([`crate::scratch`]), brought to where the real
//! one is by applying what is applied there; or a database of a staging server. [`CopyOf`] says which
//! it was. The real database is only read: its history and a few of its settings.
//!
//! The first way up is measured: each statement's time, the rows that were written, and the locks that
//! it took and that are held until the transaction commits. On MariaDB, where a definition commits
//! itself, its locks are looked at during the second way up ([`LockEvidence`]). After the way down, schema and data have to be what
//! they were before the way up; what differs is shown, and makes the rehearsal fail. What can never
//! be the same again, as a column with the time of the last change, is *not comparable*: the
//! rehearsal has then passed in part only.
//!
//! After the second way up, on a private copy, rows are written that only the new schema allows (NULL
//! where it was not, a longer text, a key twice), and everything is reverted once more: a way down
//! that fails then is a risk for every rollback ([`NewRowsState`]), and never a plain pass.
//!
//! Before anything runs, the scripts and what the copy has of triggers, routines and the like are
//! looked through for what reaches outside of a copy ([`RehearseError::ReachesOut`]).

mod brake;
mod catalogue;
mod copy;
mod error;
mod evidence;
mod mask;
mod measure;
mod reach;
mod replay;
mod rows;
mod run;
mod state;
mod written;

pub use copy::Copy;
pub use error::RehearseError;
pub use evidence::{
    CopyOf, DataState, KeptCopy, LockEvidence, NewRow, NewRowKind, NewRowsState, NotComparable,
    OnlyUp, Pass, PlaceEvidence, RehearsalEvidence, RehearsedMigration, RehearsedStatement,
    RowsWritten, SchemaState, Verdict,
};
pub use mask::Mask;
pub(crate) use replay::Replay;
pub use run::{Options, rehearse};
