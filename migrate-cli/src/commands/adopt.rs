//! `migrate adopt`.

use migrate_ops::connect::Engine;
use migrate_runtime::{Code, Tool};

use super::live::Live;
use super::outcome::print_sql;
use crate::cli::{AdoptArgs, ToolArg};
use crate::error::CommandError;
use crate::exit::Exit;
use crate::output::{AdoptJson, Kind, counted};

pub(super) fn adopt<DB: Engine, K: Code<DB>>(
    live: Live<'_, '_, DB, K>,
    args: &AdoptArgs,
) -> Result<Exit, CommandError> {
    let tool = args.from.map(|tool| match tool {
        ToolArg::Diesel => Tool::Diesel,
        ToolArg::Sqlx => Tool::Sqlx,
    });
    let (context, url) = (live.context, live.deployment.url);
    let adopted = live.run(&args.run, |migrator, conn| Ok(migrator.adopt(conn, tool)?))?;
    let json = AdoptJson::new(url.shown(), args.run.dry_run, &adopted);
    context.answer(Exit::Done, &json, |printer| {
        if args.run.dry_run {
            print_sql(printer, &adopted.sql)?;
            printer.say(Kind::Done, "dry run: nothing was changed");
            return Ok(());
        }
        let text = format!(
            "took over {} from {}; {} verified by a checksum",
            counted(adopted.migrations.len(), "migration"),
            adopted.tool.name(),
            adopted.verified
        );
        printer.say(Kind::Done, &text);
        Ok(())
    })
}
