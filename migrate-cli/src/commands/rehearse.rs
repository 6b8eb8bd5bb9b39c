//! `migrate rehearse`.

use migrate_core::config::SetConfig;
use migrate_core::plan::UpTarget;
use migrate_core::visible;
use migrate_ops::backup::Store;
use migrate_ops::connect::{ConnectError, DatabaseUrl, Engine};
use migrate_ops::event::{Event, Listener};
use migrate_ops::rehearse::{
    Copy, CopyOf, DataState, Mask, NewRow, NewRowsState, Options, Pass, RehearsalEvidence,
    SchemaState, Verdict,
};
use migrate_ops::scratch;
use migrate_ops::{Deployment, MakeMigrator};
use migrate_runtime::Code;

use super::backup;
use super::live::Live;
use crate::cli::RehearseArgs;
use crate::context::Context;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::output::{Kind, Printer, counted};
use crate::project;

/// Tries what is pending on a copy.
pub(super) fn rehearse<DB: Engine, K: Code<DB>>(
    live: Live<'_, '_, DB, K>,
    args: &RehearseArgs,
) -> Result<Exit, CommandError> {
    let Live {
        context,
        config,
        deployment,
        ..
    } = live;
    let copy = match &args.staging {
        None if args.empty => Copy::Empty,
        None => {
            let options = backup::options(config, &args.backups);
            let store = Store::new(&options.directory);
            let stored = match &args.backup {
                Some(id) => store.open(&id.parse()?)?,
                None => store.latest(&deployment.url.shown())?,
            };
            Copy::Backup {
                stored: Box::new(stored),
                options: Box::new(options),
            }
        }
        Some(url) => {
            let url = DatabaseUrl::parse(url).map_err(ConnectError::from)?;
            crate::source::fits(DB::DIALECT, &url)?;
            Copy::Staging {
                url,
                same_server: args.same_server,
            }
        }
    };
    let options = Options {
        copy,
        target: match &args.to {
            Some(version) => UpTarget::Version(version.clone()),
            None => UpTarget::Latest,
        },
        mask: mask(config),
        keep: args.keep,
        scratch: scratch::Options {
            parent: config.rehearse.folder.clone(),
            ..scratch::Options::default()
        },
    };
    let make_migrator: &MakeMigrator<'_, DB, K> = &|set| {
        let mut migrator = (deployment.make_migrator)(set);
        project::lay_history(migrator.settings_mut(), &args.history);
        migrator
    };
    let deployment = Deployment {
        make_migrator,
        ..deployment
    };
    let evidence = migrate_ops::rehearse::rehearse(&deployment, &options, &mut Told { context })?;
    let exit = match evidence.verdict {
        Verdict::Failed => Exit::Invalid,
        Verdict::Passed | Verdict::Partly => Exit::Done,
    };
    context.answer(exit, &evidence, |printer| {
        say(printer, &evidence);
        Ok(())
    })
}

/// What hides personal data in copies.
pub(super) fn mask(config: &SetConfig) -> Mask {
    Mask {
        script: config.rehearse.mask.clone(),
        command: config.rehearse.mask_command.clone(),
        variable: Some(config.database.clone()),
    }
}

/// Tells the terminal how far it is.
struct Told<'a> {
    context: &'a Context,
}

impl Listener for Told<'_> {
    fn event(&mut self, event: &Event<'_>) {
        let printer = &self.context.printer;
        match event {
            Event::Progress { text, .. } => printer.say(Kind::Detail, text),
            Event::Migration {
                event:
                    migrate_runtime::Event::MigrationStarted {
                        version,
                        name,
                        direction,
                        ..
                    },
                ..
            } => {
                let text = format!("{direction} {version}_{}", visible(name));
                printer.say(Kind::Detail, &text);
            }
            _ => {}
        }
    }

    fn stop(&mut self) -> bool {
        self.context.interrupt.stop_requested()
    }
}

fn say(printer: &Printer, evidence: &RehearsalEvidence) {
    let on = match &evidence.copy_of {
        CopyOf::Backup { id, .. } => format!("backup {id}, restored on a private server"),
        CopyOf::Empty { applied } => format!(
            "an empty copy with {}, on a private server",
            counted(*applied, "applied migration")
        ),
        _ => format!("the staging database {}", evidence.place.database),
    };
    printer.say(Kind::Done, &format!("on {on}: {}", evidence.place.server));
    for (way, pass) in [
        ("up", &evidence.up),
        ("down", &evidence.down),
        ("up again", &evidence.again),
    ] {
        if let Some(pass) = pass {
            say_pass(printer, way, pass);
        }
    }
    match &evidence.schema {
        SchemaState::Equal => printer.say(Kind::Done, "down restores the schema"),
        SchemaState::Differs { differences } => {
            printer.say(Kind::Error, "down does not restore the schema");
            for difference in differences {
                printer.say(Kind::Cause, difference);
            }
        }
        _ => {}
    }
    match &evidence.data {
        DataState::Equal { tables, rows } => printer.say(
            Kind::Done,
            &format!(
                "down restores the data: {}, {}",
                counted(*tables, "table"),
                count_rows(*rows)
            ),
        ),
        DataState::EqualAsFarAsComparable { not_comparable, .. } => {
            for table in not_comparable {
                for (column, why) in &table.columns {
                    let text = format!("not comparable: {}.{column}, because {why}", table.table);
                    printer.say(Kind::Warning, &text);
                }
            }
        }
        DataState::Differs { differences, .. } => {
            printer.say(Kind::Error, "down does not restore the data");
            for difference in differences {
                printer.say(Kind::Cause, difference);
            }
        }
        _ => {}
    }
    match &evidence.new_rows {
        NewRowsState::Reverted { rows, .. } => printer.say(
            Kind::Done,
            &format!("down works with rows of the new schema: {}", said(rows)),
        ),
        NewRowsState::DownFails { rows, .. } => printer.say(
            Kind::Warning,
            &format!(
                "down fails once rows of the new schema exist: {}",
                said(rows)
            ),
        ),
        _ => {}
    }
    for only in &evidence.only_up {
        let text = format!(
            "only applied: {}_{}, because {}",
            only.version,
            visible(&only.name),
            only.why
        );
        printer.say(Kind::Warning, &text);
    }
    for note in &evidence.notes {
        printer.say(Kind::Detail, note);
    }
    if let Some(kept) = &evidence.kept_copy {
        let text = format!("the copy is kept; its URL is in {}", kept.url_file);
        printer.say(Kind::Done, &text);
        printer.say(Kind::Done, &format!("to remove it: {}", kept.remove));
    }
    let (kind, verdict) = match evidence.verdict {
        Verdict::Passed => (Kind::Done, "the rehearsal passed"),
        Verdict::Partly => (Kind::Warning, "the rehearsal passed in part"),
        Verdict::Failed => (Kind::Error, "the rehearsal failed"),
    };
    printer.say(kind, verdict);
    for reason in &evidence.reasons {
        printer.say(Kind::Cause, reason);
    }
}

fn say_pass(printer: &Printer, way: &str, pass: &Pass) {
    let text = format!(
        "{way}: {}, {:.2} s{}",
        counted(pass.migrations.len(), "migration"),
        pass.duration_seconds,
        match pass.failure {
            Some(_) => ", failed",
            None => "",
        }
    );
    printer.say(Kind::Done, &text);
    for migration in &pass.migrations {
        for statement in &migration.statements {
            let took = statement
                .duration_seconds
                .map_or("failed".to_owned(), |seconds| format!("{seconds:.3} s"));
            let locks: Vec<String> = statement
                .locks
                .iter()
                .flatten()
                .map(|lock| format!("{} on {}", lock.mode, lock.object))
                .collect();
            let held = match locks.is_empty() {
                true => String::new(),
                false => format!("; until COMMIT: {}", locks.join(", ")),
            };
            let text = format!(
                "  {}_{} line {}: {took}{held}",
                migration.version,
                visible(&migration.name),
                statement.line
            );
            printer.say(Kind::Detail, &text);
        }
    }
}

/// The rows that were made.
fn said(rows: &[NewRow]) -> String {
    let made = rows.iter().filter(|it| it.not_made.is_none());
    let made: Vec<String> = made.map(ToString::to_string).collect();
    made.join(", ")
}

fn count_rows(rows: u64) -> String {
    match rows {
        1 => "1 row".to_owned(),
        rows => format!("{rows} rows"),
    }
}
