//! Checking a set of migrations: the one way in for the macro and the command.

mod data_loss;
mod foretell;
mod proposal;
#[cfg(feature = "sqlite")]
mod rebuild;
mod reversibility;
pub(crate) mod script;
#[cfg(feature = "sqlite")]
mod sqlite;
mod touched;
mod unindexed;

use migrate_core::config::SetConfig;
use migrate_core::project::{self, Loaded};
use migrate_core::{
    CheckContext, Diagnostic, Dialect, Direction, Level, ScriptFinding, SourceMigration, SqlChecks,
    schema_file,
};

use crate::hazard::Watch;
use crate::schema::Schema;

pub use foretell::{Foretold, Lost, foretell, lost};
pub use proposal::way_back;
pub use touched::Touched;

/// Reads the directory and the lock file of a set, and checks them, SQL included.
///
/// # Errors
/// As [`project::load`]: where the configuration names no dialect.
pub fn load(config: &SetConfig) -> Result<Loaded, Box<Diagnostic>> {
    project::load_with(config, Some(&Checks))
}

/// [`load`], and whether the file with diesel's `table!` macros agrees with the migrations, where the
/// configuration names one.
///
/// That matters to the app that is compiled with the file, not to a run of the scripts.
///
/// # Errors
/// As [`load`].
pub fn load_with_schema_file(config: &SetConfig) -> Result<Loaded, Box<Diagnostic>> {
    let mut loaded = load(config)?;
    let Some(path) = &config.schema_file else {
        return Ok(loaded);
    };
    let mut found = match schema_file::read(path, &config.shown(path)) {
        Err(finding) => vec![*finding],
        Ok(_) if !ups_are_sound(&loaded) => Vec::new(),
        Ok(source) => {
            let context = CheckContext {
                dialect: loaded.basis.dialect,
                server: config.server,
                functions: &config.functions,
            };
            let schema = schema_in(&loaded.sources, context);
            crate::schema_file::check(&source, &schema)
        }
    };
    config.levels.apply(&mut found);
    loaded.diagnostics.append(&mut found);
    if path.exists() {
        loaded.files.push(path.clone());
    }
    Ok(loaded)
}

/// Whether the only errors are those of ways down: else nobody knows what the migrations make.
fn ups_are_sound(loaded: &Loaded) -> bool {
    let is_down = |path: &str| {
        let of = |script: &migrate_core::ScriptFile| script.source.path == path;
        let mut migrations = loaded.sources.iter();
        migrations.any(|it| it.down.as_ref().is_some_and(of) && !of(&it.up))
    };
    let errors = loaded.diagnostics.iter();
    errors
        .filter(|finding| finding.level == Level::Error)
        .all(|finding| {
            let label = finding.labels.first().map(|label| &label.source.path);
            label
                .or(finding.path.as_ref())
                .is_some_and(|it| is_down(it))
        })
}

/// The schema that the up scripts make, in their order. Faults in them are passed over.
pub fn schema_of(migrations: &[SourceMigration], dialect: Dialect) -> Schema {
    schema_in(
        migrations,
        CheckContext {
            dialect,
            server: None,
            functions: &[],
        },
    )
}

/// The schema that the up scripts make where the app registers functions; see [`schema_of`].
pub fn schema_in(migrations: &[SourceMigration], context: CheckContext<'_>) -> Schema {
    #[cfg(feature = "sqlite")]
    if context.dialect == Dialect::Sqlite {
        return sqlite::schema_of(migrations, context);
    }
    let mut schema = Schema::new(context.dialect);
    for migration in migrations {
        script::run(&migration.up, &mut schema);
    }
    schema
}

/// All checks of this crate.
#[derive(Clone, Copy, Debug)]
pub struct Checks;

impl SqlChecks for Checks {
    fn check(
        &self,
        migrations: &[SourceMigration],
        context: CheckContext<'_>,
    ) -> Vec<ScriptFinding> {
        // What the lock file vouches for needs no second look, unless something that it does not
        // vouch for builds on it.
        let Some(last) = migrations.iter().rposition(|migration| !migration.vouched) else {
            return Vec::new();
        };
        #[cfg(feature = "sqlite")]
        if context.dialect == Dialect::Sqlite {
            return sqlite::check(&migrations[..=last], context);
        }
        let mut findings = Vec::new();
        let mut schema = Schema::new(context.dialect);
        for (index, migration) in migrations.iter().enumerate().take(last + 1) {
            if migration.vouched {
                script::run(&migration.up, &mut schema);
                continue;
            }
            let watch = Watch::new(context.server, migration.up.transaction);
            let found = self::migration(migration, &mut schema, watch);
            findings.extend(
                found
                    .into_iter()
                    .map(|(direction, diagnostic)| ScriptFinding {
                        migration: index,
                        direction,
                        diagnostic,
                    }),
            );
        }
        // MySQL and MariaDB make these indexes themselves.
        if context.dialect == Dialect::Postgres {
            findings.extend(unindexed::find(&schema, migrations));
        }
        findings
    }
}

/// Takes the schema over one migration: what is wrong with its way up, with its way down, and with
/// both together.
pub(crate) fn migration(
    migration: &SourceMigration,
    schema: &mut Schema,
    watch: Watch,
) -> Vec<(Direction, Diagnostic)> {
    schema.begin();
    let up = script::watched(&migration.up, schema, Some(watch));
    let faulty = !up.findings.is_empty();
    let mut findings = Vec::new();
    // After a fault nobody knows what the way down would find.
    if let Some(down) = &migration.down
        && !down.is_empty()
        && !faulty
    {
        let lost = data_loss::on_the_way_up(&migration.up, schema);
        schema.begin();
        let way_back = script::run(down, schema);
        let restored: Vec<_> = way_back.writes.iter().map(|write| &write.table).collect();
        findings.extend(
            lost.into_iter()
                .filter(|loss| !restored.contains(&&loss.table))
                .map(|loss| (Direction::Up, loss.finding)),
        );
        if way_back.findings.is_empty() {
            findings.extend(
                data_loss::on_the_way_down(down, schema, &up.writes)
                    .map(|finding| (Direction::Down, finding)),
            );
            findings.extend(
                reversibility::check(down, schema).map(|finding| (Direction::Down, finding)),
            );
        }
        schema.rollback();
        findings.extend(
            way_back
                .findings
                .into_iter()
                .map(|finding| (Direction::Down, finding)),
        );
    }
    schema.commit();
    findings.extend(
        up.findings
            .into_iter()
            .chain(up.hazards.into_iter().map(|hazard| hazard.diagnostic))
            .map(|finding| (Direction::Up, finding)),
    );
    findings
}
