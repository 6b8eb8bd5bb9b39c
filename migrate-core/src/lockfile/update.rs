//! Bringing a lock file up to date with the migrations.

use std::collections::BTreeMap;

use super::{Basis, Line, LineState, LockFile};
use crate::set::MigrationSet;
use crate::version::Version;
use crate::visible::visible;

/// A lock file brought up to date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Update {
    /// The new lock file; every migration of the set is frozen in it.
    pub lock: LockFile,
    /// What differs from the old one, in the order of versions.
    pub changes: Vec<Change>,
}

/// What happened to one line.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Change {
    /// A new or draft migration was frozen.
    Frozen(Line),
    /// A frozen migration was changed and frozen again.
    Refrozen(Line),
    /// A migration has another name.
    Renamed(Line),
    /// The line was dropped because its files are gone.
    Removed(Line),
}

/// Why a lock file is left as it is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LockRefusal {
    /// The up script of a frozen migration was changed.
    #[error(
        "the up script of {version}_{name} was changed after it was frozen; put it back and write the change as a new migration, or name the version to freeze it as it is now, if it was never applied anywhere that matters", name = visible(.name))]
    Edited {
        /// The version.
        version: Version,
        /// The name.
        name: String,
    },
    /// The files of a frozen migration are gone.
    #[error(
        "the files of the frozen migration {version}_{name} are gone; restore them, or name the version to drop it from the lock file", name = visible(.name))]
    FilesGone {
        /// The version.
        version: Version,
        /// The name.
        name: String,
    },
    /// A version was named that nothing has.
    #[error("there is no migration {version}")]
    UnknownVersion {
        /// The version.
        version: Version,
    },
}

/// Freezes every migration of `set` as it is now.
///
/// A changed *up* script of a frozen migration is refused unless its version is `named`, because
/// databases may have run the old one. A changed *down* script is frozen again without asking:
/// nothing has run it where the migration is still applied, and what it repairs is often the script
/// itself. The caller makes sure that the set has no errors.
///
/// # Errors
/// Every [`LockRefusal`].
pub fn update(
    lock: Option<&LockFile>,
    set: &MigrationSet,
    basis: Basis,
    named: &[Version],
) -> Result<Update, Vec<LockRefusal>> {
    let mut refusals = Vec::new();
    let mut changes = BTreeMap::new();
    let old = |version: &Version| lock.and_then(|lock| lock.get(version));
    for version in named {
        if set.get(version).is_none() && old(version).is_none() {
            refusals.push(LockRefusal::UnknownVersion {
                version: version.clone(),
            });
        }
    }
    for migration in set.migrations() {
        let now = Line::frozen(migration);
        let change = match old(&migration.version).map(|line| (line, line.state)) {
            None | Some((_, LineState::Draft)) => Change::Frozen(now.clone()),
            Some((line, state)) if state == now.state => {
                if line.name == now.name {
                    continue;
                }
                Change::Renamed(now.clone())
            }
            Some((_, LineState::Frozen { up, .. })) => {
                if up != migration.up.checksum && !named.contains(&migration.version) {
                    refusals.push(LockRefusal::Edited {
                        version: migration.version.clone(),
                        name: migration.name.to_string(),
                    });
                }
                Change::Refrozen(now.clone())
            }
        };
        changes.insert(now.version, change);
    }
    for line in lock.map(LockFile::lines).unwrap_or_default() {
        if set.get(&line.version).is_some() {
            continue;
        }
        if line.state != LineState::Draft && !named.contains(&line.version) {
            refusals.push(LockRefusal::FilesGone {
                version: line.version.clone(),
                name: line.name.clone(),
            });
        }
        changes.insert(line.version.clone(), Change::Removed(line.clone()));
    }
    if !refusals.is_empty() {
        return Err(refusals);
    }
    let lines = set.migrations().iter().map(Line::frozen).collect();
    Ok(Update {
        lock: LockFile::new(basis, lines),
        changes: changes.into_values().collect(),
    })
}
