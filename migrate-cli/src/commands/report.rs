//! `migrate report`.

use std::ffi::OsStr;
use std::fs;

use migrate_core::config::SetConfig;
use migrate_ops::report::{self, Report};
use migrate_ops::run_state::RunState;

use crate::cli::ReportArgs;
use crate::context::Context;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::output::{Kind, ReportJson, RunRowJson, RunsJson, table};

/// How a report is written.
#[derive(Clone, Copy)]
enum Form {
    Html,
    Markdown,
    Json,
}

pub(crate) fn report(
    context: &Context,
    config: &SetConfig,
    args: &ReportArgs,
) -> Result<Exit, CommandError> {
    let directory = &config.run.state;
    if args.list {
        return list(context, config);
    }
    let record = match &args.run {
        Some(id) => RunState::read(directory, id)?,
        None => RunState::latest(directory)?.ok_or_else(|| CommandError::NoRuns {
            directory: config.shown(directory),
        })?,
    };
    let report = Report::of(&record)?;
    let text = match form(args) {
        Form::Html => report::html(&report::page(&report)),
        Form::Markdown => report::markdown(&report::page(&report)),
        Form::Json => report
            .json()
            .map_err(|error| CommandError::Output(error.into()))?,
    };
    let written = match &args.output {
        None => None,
        Some(path) => {
            fs::write(path, &text).map_err(|source| CommandError::Io {
                doing: "cannot write",
                path: path.display().to_string(),
                source,
            })?;
            Some(path.display().to_string())
        }
    };
    let json = ReportJson {
        run: record.id.to_string(),
        verdict: report.verdict.headline.clone(),
        report: written.is_none().then_some(report),
        written,
    };
    context.answer(Exit::Done, &json, |printer| match &json.written {
        Some(path) => {
            printer.say(Kind::Done, &format!("wrote {path}: {}", json.verdict));
            Ok(())
        }
        None => printer.data(&text),
    })
}

fn form(args: &ReportArgs) -> Form {
    let end = args.output.as_deref().and_then(|path| path.extension());
    let end = end.and_then(OsStr::to_str).unwrap_or_default();
    match (args.html, args.json, args.markdown) {
        (true, _, _) => Form::Html,
        (_, true, _) => Form::Json,
        (_, _, true) => Form::Markdown,
        _ => match end {
            "html" | "htm" => Form::Html,
            "json" => Form::Json,
            _ => Form::Markdown,
        },
    }
}

fn list(context: &Context, config: &SetConfig) -> Result<Exit, CommandError> {
    let directory = &config.run.state;
    let mut runs = Vec::new();
    for id in RunState::list(directory)?.into_iter().rev() {
        let report = Report::of(&RunState::read(directory, &id)?)?;
        runs.push(RunRowJson {
            run: id.to_string(),
            database: report.identity.database,
            verdict: report.verdict.headline,
        });
    }
    let json = RunsJson { runs };
    context.answer(Exit::Done, &json, |printer| {
        if json.runs.is_empty() {
            let shown = config.shown(directory);
            printer.say(Kind::Done, &format!("there are no runs in {shown}"));
            return Ok(());
        }
        let rows: Vec<[String; 3]> = json
            .runs
            .iter()
            .map(|row| [row.run.clone(), row.database.clone(), row.verdict.clone()])
            .collect();
        printer.data(&table(["run", "database", "verdict"], &rows))
    })
}
