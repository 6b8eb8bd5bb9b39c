//! Whether a database is what its applied migrations make.

use migrate_core::config::ServerVersion;
use migrate_core::plan::Standing;
use migrate_core::{CheckContext, SourceMigration, Version};
use migrate_runtime::{Code, Migrator, Status};
use migrate_sql::check;
use migrate_sql::diff::{Difference, diff};

use crate::connect::Engine;
use crate::deployment::Sources;
use crate::introspect::{IntrospectError, Options};

/// What of a database is not as the applied migrations make it.
#[derive(Clone, Debug)]
pub struct Drift {
    /// What differs; the migrations are what is expected.
    pub differences: Vec<Difference>,
    /// How many migrations are applied.
    pub applied: usize,
    /// Something in the migrations cannot be followed, so that only a part was compared.
    pub is_partial: bool,
    /// A migration was edited since it was applied: what is compared is what its file says now.
    pub is_edited: bool,
}

/// Why nothing can be compared.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DriftError {
    /// The database has a version that is no finished migration with a file here.
    #[error(
        "the schema cannot be compared: version {version} is in the database, and here it is not a \
         finished migration with a file"
    )]
    NotHere {
        /// The version.
        version: Version,
    },
    /// The history cannot be read.
    #[error(transparent)]
    Status(#[from] migrate_runtime::Error),
    /// The catalogue cannot be read.
    #[error(transparent)]
    Introspect(#[from] IntrospectError),
}

/// Compares the schema that `conn` sees with what the applied migrations make. Reads only.
///
/// # Errors
/// Where history or catalogue cannot be read, or a version in the database has no file here.
pub fn drift<DB: Engine, K: Code<DB>>(
    migrator: &mut Migrator<'_, DB, K>,
    sources: Sources<'_>,
    server: Option<ServerVersion>,
    conn: &mut DB::Connection,
) -> Result<Drift, DriftError> {
    let status = migrator.status(conn)?;
    let applied = applied(sources.migrations, &status)?;
    let options = Options {
        left_out: vec![migrator.settings_mut().history_table.to_string()],
        ..Options::default()
    };
    let actual = DB::introspect(conn, &options)?;
    let checks = CheckContext {
        dialect: DB::DIALECT,
        server,
        functions: sources.functions,
    };
    let expected = check::schema_in(&applied, checks);
    Ok(Drift {
        differences: diff(&expected, &actual),
        applied: applied.len(),
        is_partial: expected.is_open() || actual.is_open(),
        is_edited: status
            .rows
            .iter()
            .any(|row| row.standing == Standing::Edited),
    })
}

/// The migrations that the database has, as their files have them. What it has without a file, or of
/// which it has an unknown part, makes the comparison impossible.
fn applied(
    sources: &[SourceMigration],
    status: &Status,
) -> Result<Vec<SourceMigration>, DriftError> {
    let mut applied = Vec::new();
    for row in status.rows.iter().filter(|row| row.applied.is_some()) {
        let source = sources.iter().find(|it| it.version == row.version);
        match (row.standing, source) {
            (Standing::Applied | Standing::Edited, Some(source)) => applied.push(source.clone()),
            _ => {
                return Err(DriftError::NotHere {
                    version: row.version.clone(),
                });
            }
        }
    }
    Ok(applied)
}
