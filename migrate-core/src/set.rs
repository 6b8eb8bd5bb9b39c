//! An ordered set of migrations with unique versions.

use crate::dialect::Dialect;
use crate::migration::Migration;
use crate::packed::Packed;
use crate::version::Version;

/// Migrations of one dialect in the order of their versions, no two of them equal.
#[derive(Clone, Debug)]
pub struct MigrationSet {
    dialect: Dialect,
    migrations: Migrations,
}

#[derive(Clone, Debug)]
enum Migrations {
    Read(Vec<Migration>),
    Embedded(&'static Packed),
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
            migrations: Migrations::Read(migrations),
        })
    }

    /// A set without migrations.
    pub const fn empty(dialect: Dialect) -> Self {
        MigrationSet {
            dialect,
            migrations: Migrations::Read(Vec::new()),
        }
    }

    /// A set whose order is known to be right; for generated code.
    #[doc(hidden)]
    pub const fn embedded(dialect: Dialect, migrations: &'static Packed) -> Self {
        MigrationSet {
            dialect,
            migrations: Migrations::Embedded(migrations),
        }
    }

    /// The dialect of every script.
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// The migrations, oldest first.
    pub fn migrations(&self) -> &[Migration] {
        match &self.migrations {
            Migrations::Read(migrations) => migrations,
            Migrations::Embedded(packed) => packed.migrations(),
        }
    }

    /// How many migrations there are. Unlike [`migrations`](Self::migrations) it costs nothing where
    /// they are embedded.
    pub fn len(&self) -> usize {
        match &self.migrations {
            Migrations::Read(migrations) => migrations.len(),
            Migrations::Embedded(packed) => packed.len(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The migration of a version.
    pub fn get(&self, version: &Version) -> Option<&Migration> {
        let migrations = self.migrations();
        let index = migrations
            .binary_search_by(|m| m.version.cmp(version))
            .ok()?;
        migrations.get(index)
    }
}
