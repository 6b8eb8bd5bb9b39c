//! `migrate.lock`: what has been checked and vouched for.
//!
//! One line a migration under a head line that digests all of them, so that two branches that each
//! add a migration always conflict in it, and so that an edit by hand shows:
//!
//! ```text
//! migrate-lock 1 checker 1 dialect sqlite configuration e3b0…55 digest 2c26…ae
//! # Written by `migrate lock`, never by hand. Merge conflict? Run `migrate lock`.
//! 20260101120000 frozen 9f86…08 60303…4e create_users
//! 20260102120000 draft - - add_email
//! ```
//!
//! A *draft* line says that the migration is known and may still change. A *frozen* line vouches
//! for its checksums: up, then down, where `-` is no down script and `irreversible` none on purpose.
//! The name comes last and may hold spaces.

mod compare;
mod conflict;
mod error;
mod file;
mod line;
mod update;

pub use compare::compare;
pub use conflict::{Conflict, Disagreement, resolve};
pub use error::LockError;
pub use file::{Basis, CHECKER, LockFile};
pub use line::{FrozenDown, Line, LineState};
pub use update::{Change, LockRefusal, Update, update};
