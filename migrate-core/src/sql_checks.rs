//! The door for checks that understand SQL, which this crate does not.

use std::fmt::Debug;
use std::str::Utf8Error;
use std::sync::Arc;

use crate::checksum::normalise;
use crate::config::ServerVersion;
use crate::diagnostic::{Diagnostic, SourceFile};
use crate::dialect::Dialect;
use crate::migration::Direction;
use crate::script_file::{ScriptFile, sections};
use crate::version::Version;

/// A migration as its files have it.
#[derive(Clone, Debug)]
pub struct SourceMigration {
    /// Its sort key.
    pub version: Version,
    /// Its name.
    pub name: String,
    /// How to apply it.
    pub up: ScriptFile,
    /// How to revert it, where a script does that.
    pub down: Option<ScriptFile>,
    /// Declared irreversible.
    pub irreversible: bool,
    /// The lock file vouches for it: it needs no second look, though what comes later builds on it.
    pub vouched: bool,
}

impl SourceMigration {
    /// A migration whose text is in no migration directory: a schema file, or a script that is not
    /// written yet. `path` is what messages call it. Sections count as in a file of a directory.
    ///
    /// ```
    /// use migrate_core::{Dialect, SourceMigration, Version};
    /// let schema = SourceMigration::of_text(
    ///     Version::from_static("1"),
    ///     "schema.sql",
    ///     b"CREATE TABLE users (id INTEGER);",
    ///     Dialect::Sqlite,
    /// );
    /// assert_eq!(schema.unwrap().up.split.statements.len(), 1);
    /// ```
    ///
    /// # Errors
    /// The text is no UTF-8.
    pub fn of_text(
        version: Version,
        path: &str,
        text: &[u8],
        dialect: Dialect,
    ) -> Result<Self, Utf8Error> {
        let source = Arc::new(SourceFile {
            path: path.to_owned(),
            text: normalise(std::str::from_utf8(text)?).into_owned(),
        });
        let (up, down, problems) = sections(&source, dialect);
        let mut up = ScriptFile::new(&source, up, dialect, None);
        up.problems.extend(problems);
        Ok(SourceMigration {
            version,
            name: path.to_owned(),
            up,
            down: down.map(|down| ScriptFile::new(&source, down, dialect, None)),
            irreversible: false,
            vouched: false,
        })
    }
}

/// What checks are told besides the scripts.
#[derive(Clone, Copy, Debug)]
pub struct CheckContext<'a> {
    /// The dialect of the scripts.
    pub dialect: Dialect,
    /// The oldest server that they have to run on, where it is configured.
    pub server: Option<ServerVersion>,
    /// SQL functions that the app registers on its SQLite connections.
    pub functions: &'a [String],
}

/// A finding, and the script that it is about.
#[derive(Clone, Debug)]
pub struct ScriptFinding {
    /// The place of the migration in the list.
    pub migration: usize,
    /// Its script.
    pub direction: Direction,
    /// What was found, at the rule's own level.
    pub diagnostic: Diagnostic,
}

/// Checks that understand SQL.
///
/// They are asked between reading and judging, so that `-- migrate:allow` and the configured levels
/// hold for their findings as for all others.
pub trait SqlChecks: Debug {
    /// What is wrong with the scripts, which come in the order of their versions.
    fn check(
        &self,
        migrations: &[SourceMigration],
        context: CheckContext<'_>,
    ) -> Vec<ScriptFinding>;
}
