//! `migrate down`.

use migrate_core::plan::{DownTarget, Standing};
use migrate_core::visible;
use migrate_ops::connect::Engine;
use migrate_runtime::{Code, Status, StatusRow};

use super::confirm::confirm;
use super::live::Live;
use super::outcome;
use crate::cli::DownArgs;
use crate::context::Context;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::output::counted;

pub(super) fn down<DB: Engine, K: Code<DB>>(
    live: Live<'_, '_, DB, K>,
    args: &DownArgs,
) -> Result<Exit, CommandError> {
    let target = match &args.to {
        Some(version) => DownTarget::Version(version.clone()),
        None if args.all => DownTarget::All,
        None => DownTarget::Count(args.count.get()),
    };
    let (context, url) = (live.context, live.deployment.url);
    let report = live.run(&args.run, |migrator, conn| {
        if !args.run.dry_run && !args.yes && target != DownTarget::Count(1) {
            ask(context, &migrator.status(conn)?, &target)?;
        }
        Ok(migrator.down(conn, &target)?)
    })?;
    outcome::run(context, url, &args.run, &report, "nothing to revert")
}

/// Asks where more than one migration would go.
fn ask(context: &Context, status: &Status, target: &DownTarget) -> Result<(), CommandError> {
    let applied = status.rows.iter().rev().filter(|row| {
        row.applied.is_some() && !matches!(row.standing, Standing::Failed(_) | Standing::Unsure(_))
    });
    let going: Vec<&StatusRow> = match target {
        DownTarget::Count(count) => applied.take(*count).collect(),
        DownTarget::Version(version) => applied.take_while(|row| row.version > *version).collect(),
        DownTarget::All => applied.collect(),
    };
    confirm_reverting(context, &going, "")
}

/// Asks where more than one migration would be reverted; `also` says what else happens.
pub(super) fn confirm_reverting(
    context: &Context,
    going: &[&StatusRow],
    also: &str,
) -> Result<(), CommandError> {
    const NAMED: usize = 5;
    if going.len() < 2 {
        return Ok(());
    }
    let names = going
        .iter()
        .take(NAMED)
        .map(|row| format!("{}_{}", row.version, visible(&row.name)));
    let mut names: Vec<String> = names.collect();
    if going.len() > NAMED {
        names.push("…".to_owned());
    }
    let count = counted(going.len(), "migration");
    confirm(
        context,
        false,
        &format!("this reverts {count}{also}: {}", names.join(", ")),
    )
}
