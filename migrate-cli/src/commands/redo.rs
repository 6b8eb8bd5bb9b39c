//! `migrate redo`.

use migrate_ops::connect::Engine;
use migrate_runtime::{Code, StatusRow};

use super::down::confirm_reverting;
use super::live::Live;
use super::outcome;
use crate::cli::RedoArgs;
use crate::error::CommandError;
use crate::exit::Exit;

pub(super) fn redo<DB: Engine, K: Code<DB>>(
    live: Live<'_, '_, DB, K>,
    args: &RedoArgs,
) -> Result<Exit, CommandError> {
    let (context, url) = (live.context, live.deployment.url);
    let report = live.run(&args.run, |migrator, conn| {
        if !args.run.dry_run && !args.yes && args.count.get() > 1 {
            let status = migrator.status(conn)?;
            let applied = status.rows.iter().rev().filter(|row| row.applied.is_some());
            let going: Vec<&StatusRow> = applied.take(args.count.get()).collect();
            confirm_reverting(context, &going, " and applies them again")?;
        }
        Ok(migrator.redo(conn, args.count.get())?)
    })?;
    outcome::run(
        context,
        url,
        &args.run,
        &report,
        "nothing to do again: no migration is applied",
    )
}
