//! Applies and reverts database migrations on diesel connections.
//!
//! An app embeds its migrations with `embed_migrations!` and calls
//! [`MIGRATIONS.run(&mut conn)`](Migrations::run). A tool that reads a directory at run time makes a
//! [`Migrator`] of the set that it read. Both go through the same loop: take the migration lock,
//! read the history, plan, run, record.

mod adopt;
mod apply;
mod backend;
mod code;
mod database;
mod diesel_source;
mod embedded;
mod error;
mod event;
mod foreign;
mod history_table;
mod migration_lock;
mod migrator;
mod obstacle;
mod report;
mod session;
mod settings;

pub use adopt::{Adopted, Tool};
pub use code::{Code, CodeError, SqlOnly};
pub use database::{Database, Row};
pub use embedded::{Embedded, EmbeddedDirectory, Migrations};
pub use error::{Error, ErrorKind, Failure, Undecided};
pub use event::{Event, Observer, Silent};
pub use foreign::{ForeignHistory, is_history_table};
pub use migrator::{Assume, Migrator};
pub use obstacle::Obstacle;
pub use report::{Abandoned, Done, Report, Status, StatusRow};
pub use settings::{LockKind, Settings, Transactions};

pub use diesel;
pub use migrate_core as core;
#[cfg(feature = "macros")]
pub use migrate_macros::embed_migrations;
