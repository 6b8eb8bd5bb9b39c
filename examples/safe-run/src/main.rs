//! A program that plans its migrations, applies them under watch and validates what came of it,
//! with the library alone: what it prints and when it stops are its own business.
//!
//! `safe-run FILE` works on a SQLite file, and keeps what the run did in `FILE.runs`.

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

use diesel::sqlite::Sqlite;
use migrate_ops::Deployment;
use migrate_ops::connect::{self, DatabaseUrl, Open};
use migrate_ops::event::Event;
use migrate_ops::execute::{self, ExecutionOutcome};
use migrate_ops::forecast::{self, forecast};
use migrate_ops::run_state::{About, Outcome, RunState};
use migrate_ops::validate::{self, validate};
use migrate_runtime::core::config::Config;

migrate_runtime::embed_migrations!();

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Whether everything went as planned.
fn run() -> Result<bool, Box<dyn Error>> {
    let file = std::env::args().nth(1).unwrap_or("safe-run.db".to_owned());
    let url = DatabaseUrl::parse(&file)?;
    let runtime = connect::runtime()?;
    let deployment = Deployment::<Sqlite, _> {
        set: migrations::MIGRATIONS.set(),
        url: &url,
        runtime: &runtime,
        make_migrator: &|_| migrations::MIGRATIONS.migrator(),
        on_connect: &|_| Ok(()),
        // The migrations are compiled in: their files need not be here.
        sources: None,
    };

    // What will the migrations do to the database, and should they?
    let mut conn = deployment.connect(Open::Create)?.connection;
    let plan = forecast(&deployment, &forecast::Options::default(), &mut conn)?;
    drop(conn);
    for migration in &plan.migrations {
        println!("pending: {}_{}", migration.version, migration.name);
    }
    if !plan.verdict.go {
        println!("no-go");
        return Ok(false);
    }

    // Every event of the run passes here.
    let mut listener = |event: &Event<'_>| {
        if let Event::Migration { event, .. } = event
            && let migrate_runtime::Event::MigrationFinished(done) = event
        {
            println!("applied: {}_{}", done.version, done.name);
        }
    };
    let about = About {
        database: url.shown(),
    };
    let mut state = RunState::create(&PathBuf::from(format!("{file}.runs")), &about)?;
    let checks = validate::Options::default();
    let before = validate::before(&deployment, &checks, &mut listener)?;
    let settings = Config::defaults(".").set(None)?.run;
    let applied = execute::apply(
        &deployment,
        &execute::Options::of(&settings),
        &mut state,
        &mut listener,
    );
    if let Some(error) = applied.error {
        state.finished(Outcome::Failed, &error.to_string(), None)?;
        return Err(error.into());
    }
    if applied.execution.outcome == ExecutionOutcome::NothingToDo {
        println!("nothing to do");
    }

    // Is the database what it should be?
    let found = validate(&deployment, &checks, Some(&before), &mut listener)?;
    println!("validated: {}", found.summary());
    let outcome = if found.holds() {
        Outcome::Succeeded
    } else {
        Outcome::Failed
    };
    state.finished(outcome, &found.summary(), None)?;
    Ok(found.holds())
}
