//! `migrate validate`.

use std::fs;
use std::path::Path;

use migrate_core::config::ShellCommand;
use migrate_ops::connect::Engine;
use migrate_ops::event::{Event, Listener};
use migrate_ops::validate::{self, Before, Options, Validation};
use migrate_runtime::Code;

use super::live::Live;
use crate::cli::ValidateArgs;
use crate::context::Context;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::output::{Kind, RecordedJson, counted, validation_text};
use crate::project;

pub(super) fn validate<DB: Engine, K: Code<DB>>(
    live: Live<'_, '_, DB, K>,
    args: &ValidateArgs,
) -> Result<Exit, CommandError> {
    let (context, deployment, config) = (live.context, live.deployment, live.config);
    let mut migrator = live.migrator;
    project::lay_history(migrator.settings_mut(), &args.history);
    let settings = migrator.settings_mut().clone();
    let mut options = Options {
        show_values: args.show_values,
        directory: deployment.sources.map(|_| config.dir.clone()),
        settings: Some(settings),
        ..Options::of(&config.validate)
    };
    override_with(&mut options, args);
    let mut watch = Watch(context);
    if let Some(path) = &args.record {
        let before = validate::before(&deployment, &options, &mut watch)?;
        write(path, &before)?;
        let json = RecordedJson::new(path, &before);
        return context.answer(Exit::Done, &json, |printer| {
            let text = format!(
                "{}: {} counted, {} timed; written to {}",
                before.database,
                counted(before.rows.len(), "table"),
                counted(before.queries.len(), "file"),
                path.display()
            );
            printer.say(Kind::Done, &text);
            Ok(())
        });
    }
    let before = args.before.as_deref().map(read).transpose()?;
    let validation = validate::validate(&deployment, &options, before.as_ref(), &mut watch)?;
    let exit = match validation.holds() {
        true => Exit::Done,
        false => Exit::Invalid,
    };
    context.answer(exit, &validation, |printer| {
        printer.data(&validation_text(&validation, args.all))?;
        printer.say(kind(&validation), &validation.summary());
        Ok(())
    })
}

/// Lays what flags say over what is configured.
fn override_with(options: &mut Options, args: &ValidateArgs) {
    if let Some(timeout) = args.statement_timeout {
        options.statement_timeout = timeout;
    }
    if let Some(slower) = args.slower {
        options.slower = slower;
    }
    if let Some(command) = &args.command {
        options.command = Some(ShellCommand::new(command));
    }
    if args.no_command {
        options.command = None;
    }
    if let Some(analyze) = args.analyze {
        options.maintain.analyze = analyze;
    }
    if let Some(vacuum) = args.vacuum {
        options.maintain.vacuum = vacuum;
    }
}

fn kind(validation: &Validation) -> Kind {
    match validation.holds() {
        true => Kind::Done,
        false => Kind::Error,
    }
}

/// Stops at Ctrl-C, between two checks.
struct Watch<'a>(&'a Context);

impl Listener for Watch<'_> {
    fn event(&mut self, event: &Event<'_>) {
        if let Event::Progress { text, .. } = event {
            self.0
                .printer
                .with_bar(|bar| bar.set_message((*text).to_owned()));
        }
    }

    fn stop(&mut self) -> bool {
        self.0.interrupt.stop_requested()
    }
}

fn write(path: &Path, before: &Before) -> Result<(), CommandError> {
    let text = serde_json::to_string_pretty(before).map_err(std::io::Error::from);
    text.and_then(|text| fs::write(path, text + "\n"))
        .map_err(|source| CommandError::Io {
            doing: "cannot write",
            path: path.display().to_string(),
            source,
        })
}

fn read(path: &Path) -> Result<Before, CommandError> {
    let text = fs::read_to_string(path);
    text.and_then(|text| serde_json::from_str(&text).map_err(std::io::Error::from))
        .map_err(|source| CommandError::Io {
            doing: "cannot read",
            path: path.display().to_string(),
            source,
        })
}
