//! `migrate baseline`.

use migrate_ops::connect::Engine;
use migrate_runtime::Code;

use super::live::Live;
use super::outcome::print_sql;
use crate::cli::BaselineArgs;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::output::{Kind, RunJson, counted};

pub(super) fn baseline<DB: Engine, K: Code<DB>>(
    live: Live<'_, '_, DB, K>,
    args: &BaselineArgs,
) -> Result<Exit, CommandError> {
    let (context, url) = (live.context, live.deployment.url);
    let report = live.run(&args.run, |migrator, conn| {
        Ok(migrator.baseline(conn, &args.to)?)
    })?;
    let json = RunJson::new(url.shown(), args.run.dry_run, &report);
    context.answer(Exit::Done, &json, |printer| {
        if args.run.dry_run {
            print_sql(printer, &report.sql)?;
            printer.say(Kind::Done, "dry run: nothing was changed");
        } else {
            let count = counted(report.steps.len(), "migration");
            printer.say(
                Kind::Done,
                &format!("recorded {count} as applied, without running them"),
            );
        }
        Ok(())
    })
}
