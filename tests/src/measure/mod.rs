//! What migrations really do to the tables they touch, measured on real servers.
//!
//! The cases lie in `tests/measure/<dialect>/*.sql`: a schema, rows in it, and the statements of a
//! migration. Each is run on the server; what it locked, whom that kept away, and what it read,
//! copied and built is kept beside the cases in one JSON file a server version. Rules that foretell
//! hazards are judged by these files, and a new server version is measured again:
//!
//! ```console
//! $ tests/run --servers -- cargo run -p migrate-tests --bin measure -- postgres mysql sqlite
//! ```
//!
//! [`Measurement::blocks_while_it_works`] is the label. No clock decides it: work is seen in the
//! server's own counters, files and table numbers, and who is kept away by trying to read and write.

mod case;
mod judge;
pub mod mysql;
pub mod postgres;
mod record;
pub mod sqlite;

pub use case::{Case, cases, folder};
pub use judge::{Verdict, judge};
pub use record::{Blocked, Facts, Measured, Measurement, path};
