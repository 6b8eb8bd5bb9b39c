//! What a run did, and how a database stands.

use std::time::Duration;

use migrate_core::history::AppliedMigration;
use migrate_core::plan::Standing;
use migrate_core::{Direction, Version};

/// A script that has run and is recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    /// The version.
    pub version: Version,
    /// The name.
    pub name: String,
    /// Which script.
    pub direction: Direction,
    /// How many statements it has.
    pub statements: usize,
    /// How long it took, with all attempts.
    pub duration: Duration,
}

/// What a run did.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Report {
    /// The scripts, in the order in which they ran.
    pub steps: Vec<Done>,
    /// Versions in the database that are newer than all that is known here.
    pub ahead: Vec<Version>,
    /// Versions among the steps that were older than the newest applied one.
    pub out_of_order: Vec<Version>,
    /// In a dry run: every statement that would be sent, in order.
    pub sql: Vec<String>,
}

/// A script that was begun and given up, because nothing of it had happened.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Abandoned {
    /// The version.
    pub version: Version,
    /// The name.
    pub name: String,
    /// Which script.
    pub direction: Direction,
    /// In a dry run: every statement that would be sent, in order.
    pub sql: Vec<String>,
}

/// One version, in the set, in the database, or in both.
#[derive(Clone, Debug)]
pub struct StatusRow {
    /// The version.
    pub version: Version,
    /// The name.
    pub name: String,
    /// Where it stands.
    pub standing: Standing,
    /// What the history table says.
    pub applied: Option<AppliedMigration>,
    /// Whether it has Rust code.
    pub rust: bool,
}

/// How a database stands.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Status {
    /// Every version, oldest first.
    pub rows: Vec<StatusRow>,
    /// Whether the history table exists.
    pub history_exists: bool,
    /// Another tool's history that is not ours yet.
    pub foreign: Option<crate::foreign::ForeignHistory>,
}

impl Status {
    /// The versions that would be applied next.
    pub fn pending(&self) -> impl Iterator<Item = &StatusRow> {
        self.rows
            .iter()
            .filter(|row| matches!(row.standing, Standing::Pending | Standing::OutOfOrder))
    }

    /// Whether every version of the set is applied and nothing else is remarkable.
    pub fn is_up_to_date(&self) -> bool {
        self.foreign.is_none()
            && self
                .rows
                .iter()
                .all(|row| matches!(row.standing, Standing::Applied | Standing::Ahead))
    }
}
