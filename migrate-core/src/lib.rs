//! What a database migration is: versions, layouts, statements, checksums, the lock file, the
//! planner. No database, no SQL grammar, no macros.

mod checksum;
#[cfg(feature = "files")]
pub mod config;
mod diagnostic;
mod dialect;
#[cfg(feature = "files")]
mod document;
mod history;
#[cfg(feature = "files")]
mod layout;
pub mod lex;
pub mod listing;
#[cfg(feature = "files")]
mod metadata;
mod migration;
pub mod plan;
#[cfg(feature = "render")]
mod render;
pub mod rule;
mod script;
mod set;
pub mod split;
#[cfg(feature = "files")]
mod suggest;
mod version;

pub use checksum::{Checksum, Hasher, normalise};
pub use dialect::{Dialect, UnknownDialect};
pub use split::{Problem, ProblemKind, Split, Statement, split};
pub use version::{BadVersion, Version};
