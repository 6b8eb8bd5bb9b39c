//! `migrate verify`.

use migrate_core::plan::Standing;
use migrate_ops::connect::Engine;
use migrate_runtime::{Code, StatusRow};

use super::live::Live;
use super::status::rendered;
use crate::cli::VerifyArgs;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::output::{Kind, VerifyJson, counted};

pub(super) fn verify<DB: Engine, K: Code<DB>>(
    live: Live<'_, '_, DB, K>,
    args: &VerifyArgs,
) -> Result<Exit, CommandError> {
    let (context, url) = (live.context, live.deployment.url);
    let status = live.read(&args.history, |migrator, conn| migrator.status(conn))?;
    let applied = status
        .rows
        .iter()
        .filter(|row| row.applied.is_some())
        .count();
    let (good, bad): (Vec<StatusRow>, Vec<StatusRow>) =
        status.rows.into_iter().partition(|row| fits(row.standing));
    let exit = if bad.is_empty() {
        Exit::Done
    } else {
        Exit::Findings
    };
    let ahead = good
        .iter()
        .filter(|row| row.standing == Standing::Ahead)
        .count();
    context.answer(
        exit,
        &VerifyJson::new(url.shown(), applied, &bad),
        |printer| {
            if ahead > 0 {
                let text = format!(
                    "the database is ahead: {} cannot be verified here",
                    counted(ahead, "migration")
                );
                printer.say(Kind::Warning, &text);
            }
            if bad.is_empty() {
                let count = counted(applied, "applied migration");
                printer.say(Kind::Done, &format!("{count} agree with the files"));
                return Ok(());
            }
            printer.data(&rendered(&bad))?;
            let count = counted(bad.len(), "applied migration");
            let agree = if bad.len() == 1 { "does" } else { "do" };
            let text = format!("{count} {agree} not agree with the files");
            printer.say(Kind::Warning, &text);
            Ok(())
        },
    )
}

/// Whether history and files agree about a version.
fn fits(standing: Standing) -> bool {
    matches!(
        standing,
        Standing::Applied | Standing::Pending | Standing::OutOfOrder | Standing::Ahead
    )
}
