//! What a database migration is: versions, layouts, statements, checksums, the lock file, the
//! planner. No database, no SQL grammar, no macros.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

#[cfg(feature = "files")]
mod allow;
#[cfg(feature = "files")]
mod check;
mod checksum;
#[cfg(feature = "files")]
pub mod config;
mod diagnostic;
mod dialect;
pub mod directive;
#[cfg(feature = "files")]
pub mod directory;
#[cfg(feature = "files")]
mod document;
pub mod history;
#[cfg(feature = "files")]
mod layout;
pub mod lex;
pub mod listing;
#[cfg(feature = "files")]
pub mod lockfile;
#[cfg(feature = "files")]
mod metadata;
mod migration;
mod packed;
pub mod plan;
#[cfg(feature = "files")]
pub mod project;
pub mod redact;
#[cfg(feature = "render")]
mod render;
pub mod rule;
#[cfg(feature = "files")]
pub mod rust_code;
#[cfg(feature = "files")]
pub mod schema_file;
mod script;
#[cfg(feature = "files")]
mod script_file;
mod set;
pub mod split;
#[cfg(feature = "files")]
mod sql_checks;
pub mod statement;
mod suggest;
mod version;
mod visible;

#[cfg(feature = "files")]
pub use allow::Allowed;
pub use checksum::{Checksum, Hasher, normalise, sha384_hex};
pub use diagnostic::{Diagnostic, Label, Level, SourceFile, line_column};
pub use dialect::{Dialect, UnknownDialect};
pub use directive::{Directive, DirectiveKind, Directives, directives};
pub use history::{HeadDigest, head_digest};
#[cfg(feature = "files")]
pub use layout::Layout;
pub use migration::{Direction, Down, Migration};
pub use packed::{Index, Packed, Packing};
#[cfg(feature = "render")]
pub use render::{Color, render, render_all, summary};
pub use rule::Rule;
pub use script::{Script, checksum_of_split, script_checksum};
#[cfg(feature = "files")]
pub use script_file::ScriptFile;
pub use set::{DuplicateVersion, MigrationSet};
pub use split::{Problem, ProblemKind, Split, Statement, split};
#[cfg(feature = "files")]
pub use sql_checks::{CheckContext, ScriptFinding, SourceMigration, SqlChecks};
pub use suggest::closest;
pub use version::{BadVersion, Version};
pub use visible::{visible, visible_lines};
