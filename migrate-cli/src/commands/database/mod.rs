//! `migrate database`: the database as a whole; one module a database.

mod mysql;
mod postgres;
mod sqlite;

use diesel::QueryResult;
use migrate_core::Dialect;
use migrate_core::plan::UpTarget;
use migrate_runtime::Code;

use super::confirm::confirm;
use super::live::{self, Live};
use super::outcome::{self, print_sql};
use crate::cli::{CreateArgs, DropArgs, ResetArgs, RunArgs};
use crate::context::Context;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::output::{DatabaseJson, Kind};
use crate::project;
use migrate_ops::connect::{ConnectError, DatabaseUrl, Engine};
use tokio::runtime::Runtime;

/// What is done to a database as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Deed {
    Create,
    Drop,
}

impl Deed {
    const fn done(self) -> &'static str {
        match self {
            Deed::Create => "created",
            Deed::Drop => "dropped",
        }
    }

    fn failed(self) -> impl Fn(diesel::result::Error) -> CommandError {
        move |source| CommandError::Database {
            done: self.done(),
            source,
        }
    }

    /// Whether there is anything to do, given whether the database exists.
    fn is_due(self, exists: bool) -> bool {
        exists == (self == Deed::Drop)
    }
}

/// What was done, or would be.
struct Deeds {
    /// Whether there was anything to do.
    changed: bool,
    /// Empty where no SQL is involved.
    sql: Vec<String>,
}

pub(crate) fn create(context: &Context, args: &CreateArgs) -> Result<Exit, CommandError> {
    one(context, Deed::Create, &url(context)?, args.dry_run)
}

pub(crate) fn drop(context: &Context, args: &DropArgs) -> Result<Exit, CommandError> {
    let url = url(context)?;
    if !args.dry_run {
        confirm(context, args.yes, &loss(&url))?;
    }
    one(context, Deed::Drop, &url, args.dry_run)
}

pub(super) fn reset<DB: Engine, K: Code<DB>>(
    live: Live<'_, '_, DB, K>,
    args: &ResetArgs,
) -> Result<Exit, CommandError> {
    let (context, url) = (live.context, live.deployment.url);
    confirm(context, args.yes, &loss(url))?;
    for deed in [Deed::Drop, Deed::Create] {
        if perform(deed, url, false, live.deployment.runtime)?.changed {
            context
                .printer
                .say(Kind::Done, &format!("{} {}", deed.done(), url.shown()));
        }
    }
    let run = RunArgs {
        history: args.history.clone(),
        ..RunArgs::default()
    };
    let report = live.run(&run, |migrator, conn| {
        Ok(migrator.up(conn, &UpTarget::Latest)?)
    })?;
    outcome::run(context, url, &run, &report, "there is nothing to apply")
}

fn url(context: &Context) -> Result<DatabaseUrl, CommandError> {
    project::required_url(&context.global, &project::configuration(&context.global)?)
}

fn loss(url: &DatabaseUrl) -> String {
    format!(
        "this drops the database {} with everything in it",
        url.shown()
    )
}

fn one(
    context: &Context,
    deed: Deed,
    url: &DatabaseUrl,
    dry_run: bool,
) -> Result<Exit, CommandError> {
    let Deeds { changed, sql } = perform(deed, url, dry_run, &live::runtime(context)?)?;
    let json = DatabaseJson {
        database: url.shown(),
        dry_run,
        changed,
        sql,
    };
    context.answer(Exit::Done, &json, |printer| {
        if dry_run {
            print_sql(printer, &json.sql)?;
        }
        let text = match (changed, deed) {
            (true, _) if dry_run => format!("dry run: {} was not {}", json.database, deed.done()),
            (true, _) => format!("{} {}", deed.done(), json.database),
            (false, Deed::Create) => format!("{} exists already", json.database),
            (false, Deed::Drop) => format!("{} does not exist", json.database),
        };
        printer.say(Kind::Done, &text);
        Ok(())
    })
}

fn perform(
    deed: Deed,
    url: &DatabaseUrl,
    dry_run: bool,
    runtime: &Runtime,
) -> Result<Deeds, CommandError> {
    match url.dialect {
        Dialect::Postgres => postgres::perform(deed, url, dry_run, runtime),
        Dialect::Mysql => mysql::perform(deed, url, dry_run, runtime),
        Dialect::Sqlite => sqlite::perform(deed, url, dry_run),
        other => Err(ConnectError::Dialect {
            migrations: other,
            database: url.shown(),
            found: url.dialect,
        }
        .into()),
    }
}

/// Runs the one statement of a deed on a server, where there is anything to do.
fn on_server<C: diesel::Connection>(
    connection: &mut C,
    deed: Deed,
    exists: QueryResult<bool>,
    sql: String,
    dry_run: bool,
) -> Result<Deeds, CommandError> {
    let changed = deed.is_due(exists.map_err(deed.failed())?);
    if changed && !dry_run {
        connection.batch_execute(&sql).map_err(deed.failed())?;
    }
    Ok(Deeds {
        changed,
        sql: if changed { vec![sql] } else { Vec::new() },
    })
}

/// The name of the database, which has to be in the URL.
fn name(url: &DatabaseUrl) -> Result<&str, CommandError> {
    let no_name = || ConnectError::from(migrate_ops::connect::BadUrl::NoDatabase);
    Ok(url.database.as_deref().ok_or_else(no_name)?)
}

#[derive(diesel::QueryableByName)]
struct Count {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    count: i64,
}
