//! `migrate restore`.

use std::path::Path;

use migrate_core::Dialect;
use migrate_ops::backup::physical::{self, Until};
use migrate_ops::backup::{self, BackupError, BackupKind, LogMark, Store, Target};
use migrate_ops::connect::Engine;
use migrate_ops::execute::LOG_MARK;
use migrate_ops::reinstate::{self, Interrupted, Outcome, Reinstatement};
use migrate_ops::run_state::{self, About, RunId, RunState};
use migrate_ops::scratch;
use migrate_runtime::Code;

use super::backup::{Telling, options};
use super::live::Live;
use crate::cli::RestoreArgs;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::output::{Kind, Printer, Steps};

pub(super) fn restore<DB: Engine, K: Code<DB>>(
    live: Live<'_, '_, DB, K>,
    args: &RestoreArgs,
) -> Result<Exit, CommandError> {
    if args.in_place {
        return in_place(live, args);
    }
    let (context, deployment) = (live.context, live.deployment);
    let options = options(live.config, &args.backups);
    let store = Store::new(&options.directory);
    let stored = match &args.backup {
        Some(id) => store.open(&id.parse()?)?,
        None => store.latest(&deployment.url.shown())?,
    };
    let until = match &args.until {
        Some(text) => Some(until(text, &live.config.run.state)?),
        None => None,
    };
    let mut telling = Telling::new(context);
    if let Some(directory) = &args.data_directory {
        let until = until.as_ref();
        let made = physical::data_directory(
            &stored,
            &deployment,
            directory,
            until,
            &options,
            &mut telling,
        )?;
        return context.answer(Exit::Done, &made, |printer| {
            for note in &made.notes {
                printer.say(Kind::Detail, note);
            }
            let text = format!(
                "{} is ready to be started on, from {}, and recovers to {}; {:.1} s",
                made.directory, made.backup, made.until, made.duration_seconds
            );
            printer.say(Kind::Done, &text);
            for next in &made.next {
                printer.say(Kind::Next, next);
            }
            Ok(())
        });
    }
    let url = match args.new_name.as_deref() {
        None => deployment.url.clone(),
        // Beside the file, as it would be beside a database.
        Some(name) if DB::DIALECT == Dialect::Sqlite => {
            let beside = deployment.url.file().and_then(Path::parent);
            let path = beside.unwrap_or(Path::new("")).join(name);
            deployment.url.with_database(path.to_str())
        }
        Some(name) => deployment.url.with_database(Some(name)),
    };
    let into = deployment.at(&url);
    let restored = match (stored.evidence.kind, &until) {
        (BackupKind::Physical, until) if args.new_name.is_some() => {
            let until = until.as_ref();
            physical::restore_one(&stored, &deployment, &into, until, &options, &mut telling)?
        }
        (BackupKind::Logical | BackupKind::External, Some(_)) => {
            let id = stored.evidence.id.to_string();
            return Err(BackupError::NotPhysical { id }.into());
        }
        _ => backup::restore(&stored, &into, Target::Database, &options, &mut telling)?,
    };
    context.answer(Exit::Done, &restored, |printer| {
        for note in &restored.notes {
            printer.say(Kind::Warning, note);
        }
        let text = format!(
            "restored {} into {}, {:.1} s",
            restored.backup, restored.database, restored.duration_seconds
        );
        printer.say(Kind::Done, &text);
        if !stored.evidence.is_verified() {
            let text = "the backup was never verified: look at what it holds before it is used";
            printer.say(Kind::Warning, text);
        }
        Ok(())
    })
}

/// Puts a backup in the place of the database, or goes on with what was interrupted.
fn in_place<DB: Engine, K: Code<DB>>(
    live: Live<'_, '_, DB, K>,
    args: &RestoreArgs,
) -> Result<Exit, CommandError> {
    let (context, deployment, config) = (live.context, live.deployment, live.config);
    let database = deployment.url.shown();
    let before = reinstate::interrupted(&config.run.state, &database)?;
    let mut listener = Steps::new(&context.printer, &context.interrupt);
    let (mut state, done) = match (before, args.abandon) {
        (None, true) => return Err(CommandError::NothingInterrupted),
        (Some(before), true) => {
            let mut state = RunState::open(&config.run.state, &before.run)?;
            let done = reinstate::give_up(&deployment, &before, &mut state, &mut listener)?;
            (state, done)
        }
        (before, false) => {
            let options = options_in_place::<DB>(&live, args, before.as_ref())?;
            let mut state = match &before {
                Some(before) => RunState::open(&config.run.state, &before.run)?,
                None => RunState::create(&config.run.state, &About { database })?,
            };
            let done = reinstate::reinstate(
                &deployment,
                &options,
                &mut state,
                before.as_ref(),
                &mut listener,
            )?;
            (state, done)
        }
    };
    let (exit, outcome) = match done.outcome {
        Outcome::Done => (Exit::Done, run_state::Outcome::Restored),
        Outcome::GivenUp => (Exit::Done, run_state::Outcome::Stopped),
        Outcome::Refused => (Exit::Refused, run_state::Outcome::Refused),
        _ => (Exit::Failed, run_state::Outcome::Failed),
    };
    state.finished(outcome, &done.summary(), done.next.as_deref())?;
    context.printer.set_bar(None);
    context.answer(exit, &done, |printer| {
        say(printer, &done);
        Ok(())
    })
}

/// Says what is not in the line of the step.
pub(super) fn say(printer: &Printer, done: &Reinstatement) {
    for text in &done.lost {
        printer.say(Kind::Warning, text);
    }
    if !matches!(done.outcome, Outcome::Done | Outcome::GivenUp) {
        printer.say(Kind::Error, &done.summary());
    }
    if let Some(next) = &done.next {
        printer.say(Kind::Next, next);
    }
}

fn options_in_place<DB: Engine>(
    live: &Live<'_, '_, DB, impl Code<DB>>,
    args: &RestoreArgs,
    before: Option<&Interrupted>,
) -> Result<reinstate::Options, CommandError> {
    let backup = options(live.config, &args.backups);
    let asked = args.backup.as_deref().map(str::parse).transpose()?;
    let stored = match (before, asked) {
        (Some(before), asked) => {
            let record = &before.record;
            if let Some(asked) = asked.filter(|asked| *asked != record.backup) {
                return Err(CommandError::OtherRestoreInterrupted {
                    asked,
                    text: before.text(),
                });
            }
            let folder = Path::new(&record.backup_folder).parent();
            Store::new(folder.unwrap_or(Path::new(""))).open(&record.backup)?
        }
        (None, Some(asked)) => Store::new(&backup.directory).open(&asked)?,
        (None, None) => return Err(CommandError::WhichBackup),
    };
    let given = args.lose_writes_since.as_deref().map(str::parse);
    let given = given.transpose()?;
    Ok(reinstate::Options {
        stored,
        scratch: scratch::Options {
            programs: backup.programs::<DB>(),
            ..scratch::Options::default()
        },
        lose_writes_since: given.or_else(|| before?.record.lose_writes_since.clone()),
        command: "migrate run",
        backup,
    })
}

/// The moment that a text means.
fn until(text: &str, state: &Path) -> Result<Until, CommandError> {
    let Ok(run) = text.parse::<RunId>() else {
        return Ok(text.parse()?);
    };
    let mark: Option<LogMark> = RunState::read(state, &run)?.evidence(LOG_MARK)?;
    match mark {
        Some(mark) => Ok(Until::Position(mark.position)),
        None => Err(BackupError::OutOfReach {
            wanted: format!("before the run {run}"),
            why: "it sent no statement, or the server has no log that it could ask".to_owned(),
        }
        .into()),
    }
}
