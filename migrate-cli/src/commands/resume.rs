//! `migrate resume`.

use migrate_ops::connect::Engine;
use migrate_runtime::{Assume, Code};

use super::live::Live;
use super::outcome;
use crate::cli::{AssumeArg, ResumeArgs};
use crate::error::CommandError;
use crate::exit::Exit;

pub(super) fn resume<DB: Engine, K: Code<DB>>(
    live: Live<'_, '_, DB, K>,
    args: &ResumeArgs,
) -> Result<Exit, CommandError> {
    let assume = args.assume.map(|assume| match assume {
        AssumeArg::Done => Assume::Done,
        AssumeArg::NotDone => Assume::NotDone,
    });
    let (context, url) = (live.context, live.deployment.url);
    if args.abandon {
        let abandoned = live.run(&args.run, |migrator, conn| {
            Ok(migrator.abandon(conn, assume)?)
        })?;
        return outcome::abandoned(context, url, &args.run, &abandoned);
    }
    let report = live.run(&args.run, |migrator, conn| {
        Ok(migrator.resume(conn, assume)?)
    })?;
    outcome::run(context, url, &args.run, &report, "nothing to resume")
}
