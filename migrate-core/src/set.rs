//! An ordered set of migrations with unique versions.

use std::borrow::Cow;

use crate::dialect::Dialect;
use crate::migration::Migration;
use crate::version::Version;

/// Migrations of one dialect in the order of their versions, no two of them equal.
#[derive(Clone, Debug)]
pub struct MigrationSet {
    dialect: Dialect,
    migrations: Cow<'static, [Migration]>,
}

/// Two migrations have the same version.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{first}` and `{second}` have the same version {version}; give one of them another")]
pub struct DuplicateVersion {
    /// The version.
    pub version: Version,
    /// The migration met first.
    pub first: String,
    /// The other one.
    pub second: String,
}

impl MigrationSet {
    /// Sorts the migrations by version.
    ///
    /// # Errors
    /// [`DuplicateVersion`] where two versions are equal.
    pub fn new(dialect: Dialect, mut migrations: Vec<Migration>) -> Result<Self, DuplicateVersion> {
        migrations.sort_by(|a, b| a.version.cmp(&b.version));
        for pair in migrations.windows(2) {
            if let [a, b] = pair
                && a.version == b.version
            {
                return Err(DuplicateVersion {
                    version: a.version.clone(),
                    first: a.to_string(),
                    second: b.to_string(),
                });
            }
        }
        Ok(MigrationSet {
            dialect,
            migrations: Cow::Owned(migrations),
        })
    }

    /// A set whose order is known to be right; for generated code.
    #[doc(hidden)]
    pub const fn from_sorted(dialect: Dialect, migrations: &'static [Migration]) -> Self {
        MigrationSet {
            dialect,
            migrations: Cow::Borrowed(migrations),
        }
    }

    /// The dialect of every script.
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// The migrations, oldest first.
    pub fn migrations(&self) -> &[Migration] {
        &self.migrations
    }

    /// The migration of a version.
    pub fn get(&self, version: &Version) -> Option<&Migration> {
        let index = self
            .migrations
            .binary_search_by(|m| m.version.cmp(version))
            .ok()?;
        self.migrations.get(index)
    }
}
