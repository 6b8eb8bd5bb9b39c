//! Backups: made, restored to see that they can be, kept and thrown away.
//!
//! A *logical* backup is what the database's own program dumps; SQLite's is a copy that SQLite makes
//! itself. A *physical* one is the files of the whole server and its log behind them, and can be rolled
//! forward ([`physical`]). An *external* one is what a command of the operator makes, of which only the
//! evidence is kept. The others cannot be rolled forward: what is written after the snapshot is not in
//! them, and the evidence says so.
//!
//! A backup is a folder (0700) with files (0600) and `backup.json`, its [`BackupEvidence`]. It has
//! another name until all of it is on the disk, so a folder that is named as a backup is whole, also
//! after a crash; what a crash leaves is removed when the next backup is made.
//!
//! *Verified* is a backup only when all of it was restored elsewhere and every table compared, as of
//! the snapshot of the dump itself ([`verify()`]).

pub(crate) mod definitions;
pub(crate) mod engine;
mod error;
mod evidence;
mod external;
mod log;
mod options;
pub mod physical;
mod preflight;
mod restore;
mod sink;
mod size;
mod source;
mod store;
mod take;
pub(crate) mod verify;

pub use engine::Backup;
pub use error::BackupError;
pub use evidence::{
    BackupEvidence, BackupFile, BackupKind, FileRole, Snapshot, Verification, VerificationState,
    VerifyLevel,
};
pub use external::external;
pub use log::{Follower, KeptLog, LogMark, LogPosition, log_mark};
pub use options::Options;
pub use preflight::{Check, Forecast, Preflight, Standing};
pub use restore::{Restored, Target, restore};
pub use size::size;
pub use store::{BackupId, Store, Stored};
pub use take::{Taken, preflight, take};
pub use verify::{ScratchPlace, Verify, back_up, back_up_and_follow, verify};
