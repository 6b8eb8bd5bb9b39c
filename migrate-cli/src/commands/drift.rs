//! `migrate drift`.

use migrate_ops::connect::Engine;
use migrate_runtime::Code;

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
    let sources = live.deployment.sources.ok_or(CommandError::NoFiles)?;
    let drift = live.read(&args.history, |migrator, conn| {
        migrate_ops::drift::drift(migrator, sources, server, conn)
    })?;
    let comparison = Comparison {
        differences: drift.differences,
        is_partial: drift.is_partial,
    };
    let json = DriftJson {
        database: url.shown(),
        applied: drift.applied,
        differences: comparison
            .differences
            .iter()
            .map(DifferenceJson::from)
            .collect(),
    };
    context.answer(comparison.exit(), &json, |printer| {
        comparison.say_partial(printer);
        if drift.is_edited {
            let text = "a migration was edited since it was applied; what is compared is what its \
                        file says now";
            printer.say(Kind::Warning, text);
        }
        let count = counted(drift.applied, "applied migration");
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
