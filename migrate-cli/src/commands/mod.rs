//! One module a command: arguments in, one call, output.

mod adopt;
mod backup;
mod baseline;
mod check;
mod comparison;
mod confirm;
mod database;
mod diff;
mod down;
mod drift;
mod explain;
mod fix;
mod live;
mod lock;
mod new;
mod outcome;
mod plan;
mod redo;
mod rehearse;
mod report;
mod restore;
mod resume;
mod run;
mod schema;
mod script_text;
mod side;
mod status;
mod up;
mod urls;
mod validate;
mod verify;

use migrate_core::config::SetConfig;
use migrate_ops::Deployment;
use migrate_ops::connect::Engine;
use migrate_ops::reinstate;
use migrate_runtime::Code;

pub(crate) use check::check;
pub(crate) use database::{create, drop};
pub(crate) use diff::diff;
pub(crate) use lock::lock;
pub(crate) use new::new;
pub(crate) use report::report;
pub(crate) use schema::schema;

use crate::cli::{
    AdoptArgs, BackupArgs, BaselineArgs, DownArgs, DriftArgs, PlanArgs, RedoArgs, RehearseArgs,
    ResetArgs, RestoreArgs, ResumeArgs, SafeRunArgs, StatusArgs, UpArgs, ValidateArgs, VerifyArgs,
};
use crate::context::Context;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::output::Progress;
use live::Live;

pub(crate) use live::runtime;

/// A command that needs migrations and a database.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Work<'a> {
    Status(&'a StatusArgs),
    Up(&'a UpArgs),
    Rehearse(&'a RehearseArgs),
    Run(&'a SafeRunArgs),
    Down(&'a DownArgs),
    Redo(&'a RedoArgs),
    Resume(&'a ResumeArgs),
    Baseline(&'a BaselineArgs),
    Adopt(&'a AdoptArgs),
    Verify(&'a VerifyArgs),
    Drift(&'a DriftArgs),
    Plan(&'a PlanArgs),
    Backup(&'a BackupArgs),
    Restore(&'a RestoreArgs),
    Validate(&'a ValidateArgs),
    Reset(&'a ResetArgs),
}

impl Work<'_> {
    /// Whether it changes what a backup that is half-way in the place of the database would take back; `run`
    /// looks by itself.
    fn changes(&self) -> bool {
        match self {
            Work::Up(_)
            | Work::Down(_)
            | Work::Redo(_)
            | Work::Resume(_)
            | Work::Baseline(_)
            | Work::Adopt(_)
            | Work::Reset(_) => !self.is_dry_run(),
            _ => false,
        }
    }

    /// Whether nothing is to be changed.
    pub(crate) fn is_dry_run(&self) -> bool {
        match self {
            Work::Up(args) => args.run.dry_run,
            Work::Down(args) => args.run.dry_run,
            Work::Redo(args) => args.run.dry_run,
            Work::Resume(args) => args.run.dry_run,
            Work::Baseline(args) => args.run.dry_run,
            Work::Adopt(args) => args.run.dry_run,
            Work::Status(_)
            | Work::Rehearse(_)
            | Work::Verify(_)
            | Work::Drift(_)
            | Work::Plan(_)
            | Work::Backup(_)
            | Work::Restore(_)
            | Work::Run(_)
            | Work::Validate(_)
            | Work::Reset(_) => false,
        }
    }
}

/// Runs it.
pub(crate) fn run<DB: Engine, K: Code<DB>>(
    context: &Context,
    config: &SetConfig,
    deployment: Deployment<'_, DB, K>,
    work: Work<'_>,
) -> Result<Exit, CommandError> {
    if work.changes()
        && let Some(interrupted) =
            reinstate::interrupted(&config.run.state, &deployment.url.shown())?
    {
        return Err(CommandError::RestoreInterrupted(interrupted.text()));
    }
    let mut progress = Progress::new(&context.printer, &context.interrupt, work.is_dry_run());
    let live = Live {
        context,
        config,
        deployment,
        migrator: deployment.migrator().observer(&mut progress),
    };
    match work {
        Work::Status(args) => status::status(live, args),
        Work::Up(args) => up::up(live, args),
        Work::Rehearse(args) => rehearse::rehearse(live, args),
        Work::Run(args) => run::run(live, args),
        Work::Down(args) => down::down(live, args),
        Work::Redo(args) => redo::redo(live, args),
        Work::Resume(args) => resume::resume(live, args),
        Work::Baseline(args) => baseline::baseline(live, args),
        Work::Adopt(args) => adopt::adopt(live, args),
        Work::Verify(args) => verify::verify(live, args),
        Work::Drift(args) => drift::drift(live, args),
        Work::Plan(args) => plan::plan(live, args),
        Work::Backup(args) => backup::backup(live, args),
        Work::Restore(args) => restore::restore(live, args),
        Work::Validate(args) => validate::validate(live, args),
        Work::Reset(args) => database::reset(live, args),
    }
}
