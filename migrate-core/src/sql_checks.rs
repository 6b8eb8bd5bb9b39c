//! The door for checks that understand SQL, which this crate does not.

use std::fmt::Debug;

use crate::config::ServerVersion;
use crate::diagnostic::Diagnostic;
use crate::dialect::Dialect;
use crate::migration::Direction;
use crate::script_file::ScriptFile;
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
