//! What the commands that run scripts say in the end.

use migrate_core::{Direction, visible};
use migrate_ops::connect::DatabaseUrl;
use migrate_runtime::{Abandoned, Done, Report};

use crate::cli::RunArgs;
use crate::context::Context;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::output::{AbandonJson, Kind, Printer, RunJson, counted};

/// Says what ran, or prints what would; `nothing` is said where there is neither.
pub(super) fn run(
    context: &Context,
    url: &DatabaseUrl,
    args: &RunArgs,
    report: &Report,
    nothing: &str,
) -> Result<Exit, CommandError> {
    let json = RunJson::new(url.shown(), args.dry_run, report);
    context.answer(Exit::Done, &json, |printer| {
        if args.dry_run {
            print_sql(printer, &report.sql)?;
            printer.say(Kind::Done, "dry run: nothing was changed");
        } else if report.steps.is_empty() {
            printer.say(Kind::Done, nothing);
        } else {
            printer.say(Kind::Done, &summary(&report.steps));
        }
        Ok(())
    })
}

/// Says what was given up, or prints what would be sent for it.
pub(super) fn abandoned(
    context: &Context,
    url: &DatabaseUrl,
    args: &RunArgs,
    abandoned: &Abandoned,
) -> Result<Exit, CommandError> {
    let json = AbandonJson::new(url.shown(), args.dry_run, abandoned);
    context.answer(Exit::Done, &json, |printer| {
        if args.dry_run {
            print_sql(printer, &abandoned.sql)?;
            printer.say(Kind::Done, "dry run: nothing was changed");
            return Ok(());
        }
        let now = match abandoned.direction {
            Direction::Up => "it is pending again",
            Direction::Down => "it is still applied",
        };
        let text = format!(
            "abandoned {}_{}: nothing of its {} script had happened; {now}",
            abandoned.version,
            visible(&abandoned.name),
            abandoned.direction
        );
        printer.say(Kind::Done, &text);
        Ok(())
    })
}

fn summary(steps: &[Done]) -> String {
    let count = |direction| {
        steps
            .iter()
            .filter(|done| done.direction == direction)
            .count()
    };
    let parts: Vec<String> = [("reverted", Direction::Down), ("applied", Direction::Up)]
        .into_iter()
        .map(|(did, direction)| (did, count(direction)))
        .filter(|(_, count)| *count > 0)
        .map(|(did, count)| format!("{did} {}", counted(count, "migration")))
        .collect();
    parts.join(", ")
}

/// Prints statements so that a database's own client could read them.
pub(super) fn print_sql(printer: &Printer, sql: &[String]) -> Result<(), CommandError> {
    let mut text = String::new();
    for statement in sql {
        let statement = statement.trim_end();
        text.push_str(statement);
        text.push_str(if statement.ends_with(';') {
            "\n"
        } else {
            ";\n"
        });
    }
    printer.data(&text)
}
