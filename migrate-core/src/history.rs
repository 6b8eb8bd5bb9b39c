//! What the database says has been applied, as plain data.

use crate::checksum::{Checksum, Hasher};
use crate::migration::Direction;
use crate::version::Version;

/// The state of a row of the history table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// Applied, and nothing is open.
    Applied,
    /// A script that is not one transaction was begun in this direction; its end is not recorded.
    Running(Direction),
    /// A script that is not one transaction failed in this direction part of the way.
    Failed(Direction),
}

impl State {
    /// Whether a script was begun whose end is not recorded, or that failed.
    pub fn is_unfinished(self) -> bool {
        !matches!(self, State::Applied)
    }
}

/// A row of the history table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppliedMigration {
    /// The version.
    pub version: Version,
    /// The name at the time.
    pub name: String,
    /// The checksum of the up script at the time.
    pub checksum: Checksum,
    /// The order of application, from 1.
    pub sequence: i64,
    /// Where it stands.
    pub state: State,
    /// When it was begun: the database's clock, UTC, `YYYY-MM-DD hh:mm:ss`.
    pub started_at: String,
    /// When it was done, likewise.
    pub finished_at: Option<String>,
    /// The database user who ran it.
    pub applied_by: String,
    /// The program and version that ran it, and how where it was not simply applied.
    pub tool: String,
    /// What the database said where it failed.
    pub error: Option<String>,
}

/// A row for one statement of a script that is not one transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatementRecord {
    /// The migration.
    pub version: Version,
    /// Which script.
    pub direction: Direction,
    /// Which statement, from 0.
    pub index: usize,
    /// SHA-256 of the statement's text.
    pub checksum: Checksum,
    /// Whether its end is recorded; otherwise it was only begun.
    pub done: bool,
    /// The database session that runs it.
    pub session: String,
    /// A fingerprint of the catalogue objects it touches, taken before it ran.
    pub fingerprint: Option<String>,
}

/// All that the history table and its companions say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// Applied and unfinished migrations, in the order of their versions.
    pub applied: Vec<AppliedMigration>,
    /// Statements of unfinished migrations, in order.
    pub statements: Vec<StatementRecord>,
}

impl History {
    /// The row of a version.
    pub fn get(&self, version: &Version) -> Option<&AppliedMigration> {
        let index = self
            .applied
            .binary_search_by(|row| row.version.cmp(version))
            .ok()?;
        self.applied.get(index)
    }

    /// The migration that was begun and not finished; there is at most one, because nothing else
    /// runs before it is settled.
    pub fn unfinished(&self) -> Option<&AppliedMigration> {
        self.applied.iter().find(|row| row.state.is_unfinished())
    }

    /// What the head record should say.
    pub fn head(&self) -> Head {
        let digest = self
            .unfinished()
            .is_none()
            .then(|| head_digest(self.applied.iter().map(|row| (&row.version, &row.checksum))));
        Head {
            count: self.applied.len(),
            digest,
        }
    }
}

/// The head record: enough to know that there is nothing to do without reading the history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// How many rows the history has.
    pub count: usize,
    /// [`head_digest`] over them; `None` while anything is not cleanly applied.
    pub digest: Option<Checksum>,
}

/// SHA-256 over pairs of version and checksum, which must come in the order of the versions.
pub fn head_digest<'a>(rows: impl IntoIterator<Item = (&'a Version, &'a Checksum)>) -> Checksum {
    let mut digest = HeadDigest::default();
    for (version, checksum) in rows {
        digest.push(version, checksum);
    }
    digest.checksum()
}

/// [`head_digest`] one pair at a time, so that appending a migration costs the same however many
/// there are.
#[derive(Clone, Debug, Default)]
pub struct HeadDigest(Hasher);

impl HeadDigest {
    /// Adds the next newer migration.
    pub fn push(&mut self, version: &Version, checksum: &Checksum) {
        // Equal versions have equal digests, however many zeros they are written with.
        let significant = version.as_str().trim_start_matches('0');
        self.0
            .part(significant.as_bytes())
            .part(checksum.as_bytes());
    }

    /// The digest so far.
    pub fn checksum(&self) -> Checksum {
        self.0.checksum()
    }
}
