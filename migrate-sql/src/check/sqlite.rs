//! SQLite settles its scripts itself: they run up, down and up again in a database in memory.

use migrate_core::statement::{Kind, classify};
use migrate_core::{
    CheckContext, Diagnostic, Dialect, Direction, ScriptFile, ScriptFinding, SourceMigration, rule,
};

use super::reversibility;
use crate::change::Touches;
use crate::sandbox::Sandbox;
use crate::schema::Schema;

/// What SQLite says to the scripts, which come in the order of their versions.
pub(super) fn check(
    migrations: &[SourceMigration],
    context: CheckContext<'_>,
) -> Vec<ScriptFinding> {
    let mut findings = Vec::new();
    let Some(mut sandbox) = Sandbox::open(context.functions) else {
        return findings;
    };
    for (index, migration) in migrations.iter().enumerate() {
        if sandbox.is_lost() {
            break;
        }
        sandbox.begin();
        let up = sandbox.run(&migration.up);
        if migration.vouched {
            sandbox.end();
            continue;
        }
        let mut find = |direction, found: Vec<Diagnostic>| {
            findings.extend(found.into_iter().map(|diagnostic| ScriptFinding {
                migration: index,
                direction,
                diagnostic,
            }));
        };
        find(Direction::Up, up.findings);
        if let Some(down) = &migration.down
            && up.complete
            && !sandbox.is_lost()
        {
            find(Direction::Down, round_trip(&mut sandbox, migration, down));
        }
        sandbox.end();
    }
    findings
}

/// The schema that the up scripts make; uncertain from where SQLite could not follow them.
pub(super) fn schema_of(migrations: &[SourceMigration], context: CheckContext<'_>) -> Schema {
    let sandbox = Sandbox::open(context.functions);
    let (mut schema, lost) = match sandbox {
        Some(mut sandbox) => {
            for migration in migrations {
                sandbox.run(&migration.up);
            }
            (sandbox.schema().clone(), sandbox.is_lost())
        }
        None => (Schema::new(context.dialect), true),
    };
    if lost {
        schema.forget(&Touches::Everything);
    }
    schema
}

/// Runs the way down and up again, and leaves the database as it was.
fn round_trip(
    sandbox: &mut Sandbox,
    migration: &SourceMigration,
    down: &ScriptFile,
) -> Vec<Diagnostic> {
    let found = sandbox.rehearse(|sandbox| {
        let reverted = sandbox.run(down);
        let mut findings = reverted.findings;
        let mut is_back = false;
        if reverted.complete && !sandbox.is_lost() && !down.is_empty() {
            let differences = sandbox.differences();
            if !differences.is_empty() {
                findings.push(reversibility::not_reverted(down, &differences));
            } else {
                let again = sandbox.run(&migration.up);
                // Rows are not compared, so what changes any has to be undone.
                is_back = again.complete && !changes_rows(&migration.up) && !changes_rows(down);
                if let Some(refused) = again.findings.into_iter().next() {
                    findings.push(not_again(down, refused));
                }
            }
        }
        (findings, is_back)
    });
    found.unwrap_or_default()
}

/// Whether a script does more than change the schema.
fn changes_rows(script: &ScriptFile) -> bool {
    script.split.statements.iter().any(|statement| {
        let kind = classify(statement.text(&script.text), Dialect::Sqlite).kind;
        !matches!(kind, Kind::Ddl | Kind::Session | Kind::Maintenance)
    })
}

/// After its own way down, a migration cannot be applied again.
fn not_again(down: &ScriptFile, refused: Diagnostic) -> Diagnostic {
    let mut finding = Diagnostic::new(
        &rule::NOT_REVERTED,
        format!(
            "after this script the migration cannot be applied again: {}",
            refused.message
        ),
    )
    .at(&down.source, reversibility::first_statement(down), "");
    finding.labels.extend(refused.labels);
    finding.help("let the down script undo everything that the up script does")
}
