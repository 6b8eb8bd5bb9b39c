//! `migrate run`: the whole step.

use std::fs::{self, File, OpenOptions};
use std::path::Path;

use migrate_core::config::BackupVerify;
use migrate_core::plan::UpTarget;
use migrate_ops::analyse::AnalyseError;
use migrate_ops::backup::{ScratchPlace, Verify, VerifyLevel};
use migrate_ops::connect::Engine;
use migrate_ops::execute::{self, EventLog, ExecuteError, Execution};
use migrate_ops::forecast::Thresholds;
use migrate_ops::report::{self, Report};
use migrate_ops::run::{self, BackUp, Failure, Finished, Options, Rehearsal};
use migrate_ops::run_state::{Outcome, RunState, write_private};
use migrate_ops::validate;
use migrate_ops::{Deployment, MakeMigrator};
use migrate_runtime::Code;

use super::backup;
use super::live::Live;
use super::urls;
use crate::cli::{BackupsArgs, SafeRunArgs};
use crate::error::CommandError;
use crate::exit::Exit;
use crate::output::{Kind, Printer, Steps, WholeRunJson};
use crate::project;

pub(super) fn run<DB: Engine, K: Code<DB>>(
    live: Live<'_, '_, DB, K>,
    args: &SafeRunArgs,
) -> Result<Exit, CommandError> {
    let context = live.context;
    // Every step makes migrators, and each has to look into the same history.
    let make: &MakeMigrator<'_, DB, K> = &|set| {
        let mut migrator = (live.deployment.make_migrator)(set);
        project::lay_history(migrator.settings_mut(), &args.history);
        migrator
    };
    let deployment = Deployment {
        make_migrator: make,
        ..live.deployment
    };
    let mut config = live.config.clone();
    if let Some(table) = &args.history.history_table {
        config.history.table.clone_from(table);
    }
    let config = &config;
    let scratch = urls::scratch(args.scratch.as_deref(), config)?;
    let staging = urls::given(args.staging.as_deref())?;
    let monitor = urls::named(config.run.monitor.as_deref())?;
    let thresholds = Thresholds {
        window: args.window.or(config.plan.window),
        ..Thresholds::from(config.plan)
    };
    let interrupt = context.interrupt.clone();
    let on_connect = move |cancel| interrupt.run_begins(cancel);
    let mut apply = execute::Options {
        target: match &args.to {
            Some(version) => UpTarget::Version(version.clone()),
            None => UpTarget::Latest,
        },
        monitor: monitor.as_ref(),
        replicas: urls::replicas(config)?,
        on_connect: Some(&on_connect),
        ..execute::Options::of(&config.run)
    };
    apply.rollback.accept_loss = args.accept_loss;
    if let Some(on_failure) = args.on_failure {
        apply.on_failure = on_failure.into();
    }
    let options = Options {
        state: config.run.state.clone(),
        directory: deployment.sources.is_some().then_some(config.dir.as_path()),
        levels: &config.levels,
        server: config.server,
        backup: match &args.no_backup {
            Some(reason) => BackUp::Skip {
                reason: reason.clone(),
            },
            None => BackUp::Take {
                options: Box::new(migrate_ops::backup::Options {
                    login: urls::named(config.backup.database.as_deref())?,
                    ..backup::options(config, &BackupsArgs { directory: None })
                }),
                verify: Verify {
                    level: match config.backup.verify {
                        BackupVerify::None => VerifyLevel::None,
                        BackupVerify::Sampled => VerifyLevel::Sampled,
                        // What the run touches is not known yet.
                        BackupVerify::Full | BackupVerify::Touched => VerifyLevel::Full,
                    },
                    touched: Vec::new(),
                    place: match &scratch {
                        Some(url) => ScratchPlace::Server(url),
                        None => ScratchPlace::Private,
                    },
                },
            },
        },
        rehearsal: match (&args.no_rehearsal, &staging) {
            (Some(reason), _) => Rehearsal::Skip {
                reason: reason.clone(),
            },
            (None, Some(url)) => Rehearsal::Staging(url.clone()),
            (None, None) => Rehearsal::Copy {
                mask: super::rehearse::mask(config),
            },
        },
        thresholds,
        anyway: args.go_anyway.clone(),
        apply,
        validate: validate::Options {
            directory: deployment.sources.map(|_| config.dir.clone()),
            ..validate::Options::of(&config.validate)
        },
    };
    let mut steps = Steps::new(&context.printer, &context.interrupt);
    let finished = match &args.events {
        Some(path) => {
            let file = open(path)?;
            let mut log = EventLog::new(file, &mut steps);
            let finished = run::run(&deployment, &options, &mut log)?;
            log.finish().map_err(failed("cannot write", path))?;
            finished
        }
        None => run::run(&deployment, &options, &mut steps)?,
    };
    context.interrupt.run_ends();
    context.printer.set_bar(None);
    let report = match &args.report {
        Some(folder) => Some(write_report(&options.state, &finished, folder)?),
        None => None,
    };
    let exit = exit(&finished);
    let json = WholeRunJson::new(&finished, report);
    context.answer(exit, &json, |printer| {
        if let Some(files) = &json.report {
            printer.say(
                Kind::Done,
                &format!(" {:<10} {}", "report", files.join("  ")),
            );
        }
        match &finished.failure {
            None => printer.say(Kind::Done, &finished.text),
            Some(failure) => {
                printer.say(Kind::Error, &failure.with_causes());
                if finished.outcome == Outcome::RolledBack {
                    rolled_back(printer, finished.execution.as_ref());
                }
                match &finished.restore {
                    Some(restore) => super::restore::say(printer, restore),
                    None => {
                        if let Some(next) = finished.next() {
                            printer.say(Kind::Next, &next);
                        }
                    }
                }
            }
        }
        Ok(())
    })
}

/// What a rollback has taken back, and what is lost by it.
fn rolled_back(printer: &Printer, execution: Option<&Execution>) {
    let Some(execution) = execution else { return };
    let undone = execution.undone.join(", ");
    printer.say(Kind::Done, &format!("rolled back: {undone} reverted"));
    for lost in &execution.lost {
        printer.say(Kind::Warning, &format!("lost: {lost}"));
    }
}

fn failed(doing: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> CommandError {
    let path = path.display().to_string();
    move |source| CommandError::Io {
        doing,
        path,
        source,
    }
}

fn open(path: &Path) -> Result<File, CommandError> {
    OpenOptions::new()
        .create(true)
        .append(true)
        .open(path)
        .map_err(failed("cannot open", path))
}

/// Writes the report of a run into a folder: the files' paths.
fn write_report(
    state: &Path,
    finished: &Finished,
    folder: &Path,
) -> Result<Vec<String>, CommandError> {
    let report = Report::of(&RunState::read(state, &finished.id)?)?;
    let json = report.json().map_err(std::io::Error::other);
    let page = report::page(&report);
    fs::create_dir_all(folder).map_err(failed("cannot make", folder))?;
    let files = [
        ("report.html", Ok(report::html(&page))),
        ("report.md", Ok(report::markdown(&page))),
        ("report.json", json),
    ];
    files
        .into_iter()
        .map(|(name, text)| {
            let path = folder.join(name);
            let text = text.map_err(failed("cannot write", &path))?;
            write_private(&path, text.as_bytes())?;
            Ok(path.display().to_string())
        })
        .collect()
}

fn exit(finished: &Finished) -> Exit {
    match &finished.failure {
        None => Exit::Done,
        Some(Failure::NoGo(_)) => Exit::Findings,
        Some(Failure::Invalid(_) | Failure::RehearsalFailed(_) | Failure::BackupDiffers(_)) => {
            Exit::Invalid
        }
        Some(Failure::Stopped(_)) => Exit::Interrupted,
        Some(Failure::Interrupted(_)) => Exit::Failed,
        Some(Failure::Analyse(AnalyseError::Run(error))) => Exit::from(error.kind()),
        Some(Failure::Apply(error)) => match &**error {
            ExecuteError::Run(error) => Exit::from(error.kind()),
            ExecuteError::Connect(_)
            | ExecuteError::Role { .. }
            | ExecuteError::NoRoles
            | ExecuteError::Unmeasurable { .. }
            | ExecuteError::Replicas { .. } => Exit::Refused,
            _ => Exit::Failed,
        },
        Some(_) => Exit::Refused,
    }
}
