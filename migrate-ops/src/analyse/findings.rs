//! What is remarkable about the pending scripts.

use migrate_core::{Dialect, Direction, Level, SourceMigration, SqlChecks, line_column};
use migrate_runtime::Done;
use migrate_sql::check::Checks;
use serde::{Deserialize, Serialize};

use super::Options;
use crate::deployment::Sources;

/// A finding about a pending script.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Finding {
    /// The version.
    pub version: String,
    /// `up` or `down`.
    pub direction: String,
    /// The rule.
    pub rule: String,
    /// `error`, `warning` or `info`.
    pub level: String,
    /// What was found, one line.
    pub message: String,
    /// The file.
    pub path: Option<String>,
    /// The line in the file, from 1.
    pub line: Option<usize>,
    /// Facts that explain it: locks, work.
    pub notes: Vec<String>,
    /// What to do about it.
    pub help: Vec<String>,
    /// The reason for which a directive in the script accepts it; `None` where none does.
    pub waived: Option<String>,
}

/// The findings about what would be applied, whatever the lock file vouches for: its check was made
/// when the migration was written, the run is now.
pub(super) fn of_pending(
    dialect: Dialect,
    sources: Sources<'_>,
    options: &Options<'_>,
    steps: &[Done],
) -> Vec<Finding> {
    let migrations: Vec<SourceMigration> = sources
        .migrations
        .iter()
        .map(|migration| SourceMigration {
            vouched: !steps.iter().any(|step| step.version == migration.version),
            ..migration.clone()
        })
        .collect();
    let found = Checks.check(&migrations, options.checks(dialect, sources));
    found
        .into_iter()
        .filter_map(|found| {
            let migration = migrations.get(found.migration)?;
            let script = match found.direction {
                Direction::Up => Some(&migration.up),
                Direction::Down => migration.down.as_ref(),
            };
            let finding = found.diagnostic;
            let level = options.levels.of(finding.rule);
            if level == Level::Off || migration.vouched {
                return None;
            }
            let waived = script.and_then(|script| script.accepted_because(&finding));
            let label = finding.labels.first();
            Some(Finding {
                version: migration.version.to_string(),
                direction: found.direction.to_string(),
                rule: finding.rule.code.to_owned(),
                level: level.name().to_owned(),
                waived: waived.map(str::to_owned),
                path: label
                    .map(|label| label.source.path.clone())
                    .or_else(|| finding.path.clone()),
                line: label.map(|label| line_column(&label.source.text, label.span.start).0),
                message: finding.message,
                notes: finding.notes,
                help: finding.help,
            })
        })
        .collect()
}
