//! `migrate drift`.

use migrate_core::plan::Standing;
use migrate_core::{CheckContext, SourceMigration};
use migrate_ops::connect::Engine;
use migrate_ops::introspect::Options;
use migrate_runtime::{Code, Status};
use migrate_sql::check;

use super::comparison::Comparison;
use super::live::Live;
use crate::cli::DriftArgs;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::output::{DifferenceJson, DriftJson, Kind, counted};

/// Compares what the applied migrations make with what is there.
pub(super) fn drift<DB: Engine, K: Code<DB>>(
    live: Live<'_, '_, DB, K>,
    args: &DriftArgs,
) -> Result<Exit, CommandError> {
    let (context, url) = (live.context, live.deployment.url);
    let server = live.config.server;
    let files = live.deployment.sources.ok_or(CommandError::NoFiles)?;
    let (status, actual) = live.read(&args.history, |migrator, conn| {
        let status = migrator.status(conn)?;
        let options = Options {
            left_out: vec![migrator.settings_mut().history_table.to_string()],
            ..Options::default()
        };
        let actual = DB::introspect(conn, &options)?;
        Ok::<_, CommandError>((status, actual))
    })?;
    let applied = applied(files.migrations, &status)?;
    let checks = CheckContext {
        dialect: DB::DIALECT,
        server,
        functions: files.functions,
    };
    let expected = check::schema_in(&applied, checks);
    let comparison = Comparison::new(&expected, &actual);
    let json = DriftJson {
        database: url.shown(),
        applied: applied.len(),
        differences: comparison
            .differences
            .iter()
            .map(DifferenceJson::from)
            .collect(),
    };
    context.answer(comparison.exit(), &json, |printer| {
        comparison.say_partial(printer);
        if status
            .rows
            .iter()
            .any(|row| row.standing == Standing::Edited)
        {
            let text = "a migration was edited since it was applied; what is compared is what its \
                        file says now";
            printer.say(Kind::Warning, text);
        }
        let count = counted(applied.len(), "applied migration");
        if comparison.differences.is_empty() {
            let text = format!("{} is as {count} make it", url.shown());
            printer.say(Kind::Done, &text);
            return Ok(());
        }
        comparison.print(printer)?;
        let text = format!(
            "{} from what {count} make",
            counted(comparison.differences.len(), "difference")
        );
        printer.say(Kind::Warning, &text);
        Ok(())
    })
}

/// The migrations that the database has, as their files have them. What it has without a file, or of
/// which it has an unknown part, makes the comparison impossible.
fn applied(
    sources: &[SourceMigration],
    status: &Status,
) -> Result<Vec<SourceMigration>, CommandError> {
    let mut applied = Vec::new();
    for row in status.rows.iter().filter(|row| row.applied.is_some()) {
        let source = sources.iter().find(|it| it.version == row.version);
        match (row.standing, source) {
            (Standing::Applied | Standing::Edited, Some(source)) => applied.push(source.clone()),
            _ => {
                return Err(CommandError::NoDrift {
                    version: row.version.clone(),
                });
            }
        }
    }
    Ok(applied)
}
