//! What the contract's tests and its worker program share: the kinds of connections, one call
//! for all that a migrator does, and folders of migrations.
//!
//! ```
//! use migrate_tests::contract::{Command, Folder, Job, Kind};
//! use migrate_tests::server;
//!
//! let Some(server) = server::sqlite() else { return };
//! let database = server.database("books");
//! let folder = Folder::new(server.engine()).with("1_books.up.sql", "CREATE TABLE books (id int)");
//! let mut client = Kind::Sqlite.connect(&database);
//! let report = client.migrate(&folder.set(), &Job::up()).unwrap();
//! assert_eq!(report.versions(), ["1"]);
//! ```

mod client;
mod event;
mod folder;
mod job;
mod kind;

pub use client::{Client, Outcome};
pub use event::moment;
pub use folder::Folder;
pub use job::{Command, Job};
pub use kind::Kind;
