//! `migrate status`.

use migrate_core::config::SetConfig;
use migrate_core::plan;
use migrate_ops::connect::{DatabaseUrl, Engine};
use migrate_ops::reinstate;
use migrate_ops::run_state::{RunState, Standing};
use migrate_runtime::{Code, Status, StatusRow};

use super::live::Live;
use crate::cli::StatusArgs;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::output::{
    InterruptedRestoreJson, Kind, Printer, StatusJson, UnfinishedRunJson, counted, state, table,
};

pub(super) fn status<DB: Engine, K: Code<DB>>(
    live: Live<'_, '_, DB, K>,
    args: &StatusArgs,
) -> Result<Exit, CommandError> {
    let (context, config, url) = (live.context, live.config, live.deployment.url);
    let run = unfinished_run(config, url);
    let restore = match &run {
        Some(run) if run.running => None,
        // What cannot be read is no run, as above.
        _ => reinstate::interrupted(&config.run.state, &url.shown()).unwrap_or_default(),
    };
    let status = live.read(&args.history, |migrator, conn| migrator.status(conn));
    let status = match (status, &restore) {
        // It may have been fenced when it was interrupted.
        (Err(CommandError::Connect(_)), Some(restore)) => {
            return Err(CommandError::RestoreInterrupted(restore.text()));
        }
        (status, _) => status?,
    };
    let exit = if args.check && !status.is_up_to_date() {
        Exit::Findings
    } else {
        Exit::Done
    };
    let json = StatusJson::new(
        url.shown(),
        &status,
        run,
        restore.as_ref().map(InterruptedRestoreJson::new),
    );
    context.answer(exit, &json, |printer| {
        printer.data(&rendered(&status.rows))?;
        talk(printer, url, &status);
        if let Some(run) = &json.unfinished_run {
            printer.say(Kind::Warning, &run.text());
        }
        if let Some(restore) = &json.interrupted_restore {
            printer.say(Kind::Warning, &restore.text);
            printer.say(Kind::Next, restore.next);
        }
        Ok(())
    })
}

/// The newest run for this database that keeps its state here, where it has not come to its end.
/// What cannot be read is no run: the history is what `status` is about.
fn unfinished_run(config: &SetConfig, url: &DatabaseUrl) -> Option<UnfinishedRunJson> {
    let record = RunState::latest(&config.run.state).ok()??;
    let running = match record.standing().ok()? {
        Standing::Running { pid } => Some(pid),
        Standing::Interrupted => None,
        _ => return None,
    };
    (record.database() == Some(url.shown().as_str())).then(|| UnfinishedRunJson {
        run: record.id.to_string(),
        running: running.is_some(),
        pid: running.flatten(),
        position: record.position().to_string(),
    })
}

/// The table of migrations.
pub(super) fn rendered(rows: &[StatusRow]) -> String {
    let rows: Vec<[String; 5]> = rows
        .iter()
        .map(|row| {
            let applied = row.applied.as_ref();
            let at = applied.map(|row| row.finished_at.clone().unwrap_or(row.started_at.clone()));
            [
                row.version.to_string(),
                row.name.clone(),
                state(row.standing).to_owned(),
                at.unwrap_or_default(),
                applied
                    .map(|row| row.applied_by.clone())
                    .unwrap_or_default(),
            ]
        })
        .collect();
    table(
        ["version", "name", "state", "applied at (UTC)", "by"],
        &rows,
    )
}

fn talk(printer: &Printer, url: &DatabaseUrl, status: &Status) {
    if let Some(foreign) = &status.foreign {
        printer.say(Kind::Warning, &foreign.to_string());
    }
    let count = |wanted: fn(&plan::Standing) -> bool| {
        status
            .rows
            .iter()
            .filter(|row| wanted(&row.standing))
            .count()
    };
    let pending = status.pending().count();
    let wrong = count(|standing| {
        matches!(
            standing,
            plan::Standing::Edited
                | plan::Standing::Missing
                | plan::Standing::Failed(_)
                | plan::Standing::Unsure(_)
        )
    });
    let mut text = format!("{}: ", url.shown());
    text.push_str(&match pending {
        0 => "nothing is pending".to_owned(),
        1 => "1 migration is pending".to_owned(),
        count => format!("{} are pending", counted(count, "migration")),
    });
    if wrong > 0 {
        text.push_str(&format!(", {} to look at", counted(wrong, "migration")));
    }
    printer.say(Kind::Done, &text);
}
