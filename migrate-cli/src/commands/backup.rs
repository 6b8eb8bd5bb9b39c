//! `migrate backup`.

use migrate_core::config::{self, BackupVerify, SetConfig};
use migrate_ops::backup::{
    self, BackupKind, Options, Preflight, ScratchPlace, Store, Stored, VerificationState, Verify,
    VerifyLevel, size,
};
use migrate_ops::connect::Engine;
use migrate_ops::event::{Event, Listener};
use migrate_ops::introspect;
use migrate_ops::tool::ToolPaths;
use migrate_runtime::Code;

use super::live::Live;
use super::urls;
use crate::cli::{BackupArgs, BackupsArgs, KindArg, VerifyArg};
use crate::context::Context;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::interrupt::Interrupt;
use crate::output::{BackupJson, Kind, Printer, counted};

pub(super) fn backup<DB: Engine, K: Code<DB>>(
    live: Live<'_, '_, DB, K>,
    args: &BackupArgs,
) -> Result<Exit, CommandError> {
    let (context, deployment) = (live.context, live.deployment);
    let mut options = options(live.config, &args.backups);
    if let Some(keep) = args.keep {
        options.keep = Some(keep.get());
    }
    options.login = urls::named(live.config.backup.database.as_deref())?;
    options.sample = args.sample.unwrap_or(options.sample);
    match args.kind {
        Some(KindArg::Logical) => options.kind = BackupKind::Logical,
        Some(KindArg::Physical) => options.kind = BackupKind::Physical,
        None => {}
    }
    if args.list {
        return list(context, &options);
    }
    if args.dry_run {
        let preflight = backup::preflight(&deployment, &options)?;
        return look(context, &preflight);
    }
    let scratch = urls::scratch(args.scratch.as_deref(), live.config)?;
    let level = match args.verify {
        Some(VerifyArg::Full) => VerifyLevel::Full,
        Some(VerifyArg::Sampled) => VerifyLevel::Sampled,
        Some(VerifyArg::None) => VerifyLevel::None,
        // A share is no use otherwise.
        None if args.sample.is_some() => VerifyLevel::Sampled,
        None => match live.config.backup.verify {
            BackupVerify::None => VerifyLevel::None,
            BackupVerify::Sampled => VerifyLevel::Sampled,
            // What a run touches is known in a run only.
            BackupVerify::Full | BackupVerify::Touched => VerifyLevel::Full,
        },
    };
    let verify = Verify {
        level,
        touched: Vec::new(),
        place: match &scratch {
            Some(url) => ScratchPlace::Server(url),
            None => ScratchPlace::Private,
        },
    };
    let mut telling = Telling::new(context);
    let stored = backup::back_up(&deployment, &options, &verify, &mut telling)?;
    let evidence = &stored.evidence;
    let exit = match evidence.verification.state {
        VerificationState::Failed => Exit::Invalid,
        // The operator has said that another way is used.
        _ if evidence.kind == BackupKind::External => Exit::Done,
        // It was asked for, and nothing is known.
        VerificationState::NotChecked if level != VerifyLevel::None => Exit::Invalid,
        _ => Exit::Done,
    };
    let json = BackupJson { backup: evidence };
    context.answer(exit, &json, |printer| {
        say(printer, &stored);
        Ok(())
    })
}

/// How backups are made and restored, as the configuration and the flags say.
pub(super) fn options(config: &SetConfig, args: &BackupsArgs) -> Options {
    let directory = args.directory.clone();
    Options {
        tools: ToolPaths {
            postgres: config.tools.postgres.clone(),
            mariadb: config.tools.mariadb.clone(),
        },
        kind: match config.backup.kind {
            config::BackupKind::Physical => BackupKind::Physical,
            config::BackupKind::Logical => BackupKind::Logical,
        },
        keep: config.backup.keep.map(|keep| keep as usize),
        command: config.backup.command.clone(),
        encrypt: config.backup.encrypt.clone(),
        decrypt: config.backup.decrypt.clone(),
        lock_timeout: config.timeouts.lock_timeout,
        stall: config.backup.stall,
        sample: config.backup.sample,
        schema: introspect::Options {
            default_schema: None,
            left_out: vec![config.history.table.clone()],
        },
        ..Options::new(directory.unwrap_or_else(|| config.backup.directory.clone()))
    }
}

/// Says on the way what a step does, and stops it on Ctrl-C.
pub(super) struct Telling {
    printer: Printer,
    interrupt: Interrupt,
}

impl Telling {
    pub(super) fn new(context: &Context) -> Self {
        Telling {
            printer: context.printer.clone(),
            interrupt: context.interrupt.clone(),
        }
    }
}

impl Listener for Telling {
    fn event(&mut self, event: &Event<'_>) {
        match event {
            Event::Warning { text, .. } => self.printer.say(Kind::Warning, text),
            Event::Progress {
                text,
                fraction: None,
                ..
            } => self.printer.say(Kind::Detail, text),
            Event::Progress {
                text,
                fraction: Some(fraction),
                ..
            } => {
                let text = format!("{text}: {:.0} %", fraction * 100.0);
                self.printer.say(Kind::Detail, &text);
            }
            _ => {}
        }
    }

    fn stop(&mut self) -> bool {
        self.interrupt.stop_requested()
    }
}

fn say(printer: &Printer, stored: &Stored) {
    let evidence = &stored.evidence;
    let text = format!(
        "backup {} of {}: {}, {:.1} s",
        evidence.id,
        evidence.database,
        size(evidence.bytes()),
        evidence.duration_seconds
    );
    printer.say(Kind::Done, &text);
    for note in &evidence.notes {
        printer.say(Kind::Detail, note);
    }
    if let Some(stall) = evidence.stall_seconds {
        let text = format!("writers waited {stall:.3} s for its snapshot");
        printer.say(Kind::Detail, &text);
    }
    let verification = &evidence.verification;
    for difference in &verification.differences {
        printer.say(Kind::Warning, difference);
    }
    for what in &verification.not_compared {
        printer.say(Kind::Detail, &format!("not compared: {what}"));
    }
    if let (Some(log), true) = (&evidence.log, evidence.point_in_time_recovery) {
        let text = format!(
            "it can be rolled forward up to {} ({})",
            log.to.time, log.to.position
        );
        printer.say(Kind::Detail, &text);
    }
    match verification.state {
        VerificationState::Passed => {
            let text = format!(
                "restored and compared: {} and {} equal, time to restore {:.1} s",
                counted(verification.tables_compared, "table"),
                counted(verification.rows_compared as usize, "row"),
                verification.restore_seconds.unwrap_or_default()
            );
            printer.say(Kind::Done, &text);
            if let Some(percent) = verification.sample_percent {
                let all = counted(verification.tables, "table");
                let text = format!("only a sample was compared: {percent} % of {all}");
                printer.say(Kind::Warning, &text);
            } else if !evidence.is_verified() {
                let all = counted(verification.tables, "table");
                let text = format!("not verified as a whole: there are {all}");
                printer.say(Kind::Warning, &text);
            }
        }
        VerificationState::Failed => {
            let text = "the backup is not what the database was: do not rely on it";
            printer.say(Kind::Warning, text);
        }
        _ => printer.say(
            Kind::Warning,
            "not verified: nobody knows whether it can be restored",
        ),
    }
}

fn look(context: &Context, preflight: &Preflight) -> Result<Exit, CommandError> {
    let problems = preflight.problems();
    let exit = match problems.is_empty() {
        true => Exit::Done,
        false => Exit::Findings,
    };
    context.answer(exit, preflight, |printer| {
        for text in preflight.warnings().iter().chain(&problems) {
            printer.say(Kind::Warning, text);
        }
        let forecast = &preflight.forecast;
        let text = format!(
            "expected: {}, {:.0} s ({})",
            size(forecast.bytes),
            forecast.duration_seconds.ceil(),
            forecast.basis
        );
        printer.say(Kind::Done, &text);
        let verdict = match problems.is_empty() {
            true => "a backup can be made",
            false => "no backup can be made",
        };
        printer.say(Kind::Done, verdict);
        Ok(())
    })
}

fn list(context: &Context, options: &Options) -> Result<Exit, CommandError> {
    let all = Store::new(&options.directory).list()?;
    let json = serde_json::json!({
        "backups": all.iter().map(|stored| &stored.evidence).collect::<Vec<_>>(),
    });
    context.answer(Exit::Done, &json, |printer| {
        for stored in &all {
            let evidence = &stored.evidence;
            let verified = match evidence.is_verified() {
                true => "verified",
                false => "not verified",
            };
            let line = format!(
                "{}  {:>10}  {verified:<12}  {}\n",
                evidence.id,
                size(evidence.bytes()),
                evidence.database
            );
            printer.data(&line)?;
        }
        if all.is_empty() {
            printer.say(Kind::Done, "there are no backups");
        }
        Ok(())
    })
}
