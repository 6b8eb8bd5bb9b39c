//! What a database migration is: versions, layouts, statements, checksums, the lock file, the
//! planner. No database, no SQL grammar, no macros.

mod checksum;
mod dialect;
mod version;

pub use checksum::{Checksum, Hasher, normalise};
pub use dialect::{Dialect, UnknownDialect};
pub use version::{BadVersion, Version};
