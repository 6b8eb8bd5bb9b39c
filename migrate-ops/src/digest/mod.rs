//! What the tables of a database hold, in a form that two databases can be compared by: per table
//! the exact count of rows, and the sum of a hash of each row.
//!
//! A row is hashed with SHA-256, of which 64 bits count. What is hashed has each column, in the order
//! of the names, with its length and a flag for NULL, so that neither two values that swap places nor
//! a NULL that moves to another column goes unseen; a sum, other than an XOR, also sees that one pair
//! of equal rows took the place of another. The hash is one that every version of a server computes
//! alike. SHA-256 stands in FIPS 180-4.
//!
//! PostgreSQL and MySQL compute the sum themselves, and only the sum crosses the wire; SQLite has no
//! hash function, so the rows are read and hashed here.
//!
//! All is read in the caller's transaction; where none is open, in one that shows a single moment.
//! The session is pinned for as long as it takes (time zone, formats, row security off, which makes
//! a hidden row an error) and then is what it was.

mod difference;
mod error;
mod evidence;
mod inventory;
mod mysql;
mod name;
mod postgres;
mod read;
mod selection;
mod sqlite;

pub use difference::{Difference, compare};
pub use error::DigestError;
pub use evidence::{DatabaseDigest, TableDigest};
pub use inventory::{
    Inventory, InventoryDifference, SequenceState, compare_inventories, inventory,
};
pub use name::table_name;
pub(crate) use read::Table;
pub use read::{Digest, Progress, digest, digest_observed};
pub use selection::Selection;
