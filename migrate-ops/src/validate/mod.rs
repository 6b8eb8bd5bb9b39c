//! Whether data and schema are as they should be after a run, found by looking and not by trusting
//! the catalogue: counts against what was expected, keys and constraints against every row, what of
//! the schema does not work, and the user's own checks, in SQL and as a command.
//!
//! [`before`] reads what only a comparison can use, and [`validate`] looks afterwards. Each check is
//! a read-only transaction of its own with a statement timeout; one that could not be carried out is
//! *not checked*, which is never the same as passed. SQLite has no statement timeout.
//!
//! | check | what is looked at | databases |
//! |---|---|---|
//! | `row_count` | every table, counted, against the count before and `-- migrate:expect rows` | all |
//! | `foreign_key` | rows whose parent is missing, also where the key is not validated or not enforced | all |
//! | `unique` | equal keys, found without the index | all |
//! | `not_null` | NULL in columns that do not take it | PostgreSQL, SQLite |
//! | `check` | rows that a CHECK does not hold for | all |
//! | `integrity` | SQLite's own check of the file, which finds the three above and broken indexes | SQLite |
//! | `index` | indexes that are invalid or disabled | PostgreSQL, MySQL |
//! | `unvalidated` | constraints that are NOT VALID: a warning | PostgreSQL |
//! | `trigger` | triggers that are off: a warning, a failure where they enforce a foreign key | PostgreSQL |
//! | `sequence` | sequences and AUTO_INCREMENT that would give a value that is there | PostgreSQL, MySQL |
//! | `view` | views that can no longer be read, materialized views without rows | all |
//! | `privileges` | rights that every other table of the schema gives and a new one does not: a warning | PostgreSQL, MySQL |
//! | `verify` | `verify.sql` beside a migration of the run: queries that must return no rows | all |
//! | `rule` | `checks/*.sql`: queries that must return no rows | all |
//! | `query` | `queries/*.sql`: latency and plan against those before | all |
//! | `command` | a command of the application's, a smoke test: it has to end with 0 | all |
//! | `statistics`, `vacuum` | not looked at but done, where it is asked for ([`Maintain`]): *not checked* is then *not done* | all |
//!
//! MySQL and MariaDB cannot hold a NULL in a column that does not take it, so it is not looked for.
//! MariaDB's sequences (`CREATE SEQUENCE`) are not compared with the columns whose default they are:
//! which of their cached values is next, the server does not tell.

mod catalogue;
mod check;
mod command;
mod constraints;
mod counts;
mod error;
mod evidence;
mod inspect;
mod maintain;
mod mysql;
mod postgres;
mod queries;
mod run;
mod scripts;
mod sqlite;

pub use error::ValidateError;
pub use evidence::{Before, Check, CheckKind, CheckState, QueryTiming, Validation};
pub use inspect::Inspect;
pub use maintain::Maintain;
pub use run::{EVIDENCE, Options, before, validate};
