//! The step itself.

use std::time::Instant;

use migrate_core::config::OnFailure;
use migrate_core::plan::Standing;
use migrate_core::{Direction, Version};
use migrate_runtime::{Code, ErrorKind, Migrator, Status, StatusRow, Transactions};
use serde::Serialize;

use super::hook;
use super::keeper::{Keeper, Kept, Stop};
use super::marking::Marking;
use super::monitor::{self, Shared, with_causes};
use super::revert::{self, RolledBack};
use super::{
    ExecuteError, Execution, ExecutionOutcome, MonitorState, Options, RollbackOutcome, Sample,
    ScriptRun, ScriptState, WatchedReplica, replicas, session,
};
use crate::Deployment;
use crate::connect::Engine;
use crate::event::{Event, Listener, Step};
use crate::run_state::{Recorder, RunState};
use crate::time;

/// What applying came to.
#[derive(Debug)]
pub struct Applied {
    /// The evidence, however it ended.
    pub execution: Execution,
    /// Why it ended otherwise than well.
    pub error: Option<ExecuteError>,
}

/// The name under which the evidence is kept in the run's state.
pub const EVIDENCE: &str = "apply";

/// Applies what is pending, and keeps the evidence of it in the run's state under [`EVIDENCE`].
///
/// A script that an earlier run left unfinished on its way up is finished first.
///
/// ```no_run
/// use diesel::sqlite::Sqlite;
/// use migrate_ops::Deployment;
/// use migrate_ops::event::Event;
/// use migrate_ops::execute::{Options, apply};
/// use migrate_ops::run_state::{About, RunState};
/// use migrate_runtime::SqlOnly;
///
/// # fn of(
/// #     deployment: &Deployment<'_, Sqlite, SqlOnly>,
/// #     config: &migrate_core::config::SetConfig,
/// # ) -> Result<(), Box<dyn std::error::Error>> {
/// let about = About { database: deployment.url.shown() };
/// let mut state = RunState::create(&config.run.state, &about)?;
/// let mut listener = |event: &Event<'_>| println!("{event:?}");
/// let options = Options::of(&config.run);
/// let applied = apply(deployment, &options, &mut state, &mut listener);
/// println!("{:?}: {:?}", applied.execution.outcome, applied.execution.committed);
/// # Ok(())
/// # }
/// ```
pub fn apply<DB: Engine, K: Code<DB>>(
    deployment: &Deployment<'_, DB, K>,
    options: &Options<'_>,
    state: &mut RunState,
    listener: &mut (dyn Listener + Send),
) -> Applied {
    let run_id = state.id().to_string();
    let _span = tracing::info_span!("apply", run = run_id.as_str()).entered();
    let (started, begun) = (time::now(), Instant::now());
    let mut recorder = Recorder::new(state, listener);
    recorder.event(&Event::Started(Step::Apply));
    let mut marking = Marking::new(&mut recorder, deployment);
    let watched = watched(deployment, options, run_id, &mut marking, |keeper| {
        whole(keeper, deployment, options)
    });
    let Watched {
        value:
            Ended {
                mut error,
                mut outcome,
                rolled_back,
                next,
            },
        kept,
        samples,
        monitor,
        replicas,
    } = watched;
    let written = recorder.finish();
    let rolled_back = rolled_back.unwrap_or_default();
    let not_sampled = monitor::not_sampled(DB::DIALECT, &samples);
    let mut execution = Execution {
        database: deployment.url.shown(),
        role: options.role.clone(),
        started,
        finished: time::now(),
        duration_seconds: begun.elapsed().as_secs_f64(),
        outcome,
        committed: versions(&kept.scripts)
            .filter(|version| !rolled_back.undone.contains(version))
            .collect(),
        scripts: kept.scripts,
        monitor,
        samples,
        not_sampled,
        replicas,
        pauses: kept.pauses,
        hooks: kept.hooks,
        error: None,
        rollback: rolled_back.rollback,
        undone: rolled_back.undone,
        lost: rolled_back.lost,
        next,
    };
    // The first thing that went wrong is the one to tell, unless it followed from this.
    if let Err(unwritten) = written {
        error = Some(unwritten.into());
        outcome = ExecutionOutcome::Failed;
    }
    execution.outcome = outcome;
    execution.error = error.as_ref().map(|error| with_causes(error));
    let kept = keep(state, listener, &execution);
    Applied {
        execution,
        error: error.or(kept.err()),
    }
}

/// Writes down what came of it.
fn keep(
    state: &mut RunState,
    listener: &mut (dyn Listener + Send),
    execution: &Execution,
) -> Result<(), ExecuteError> {
    state.evidence(Step::Apply, EVIDENCE, execution)?;
    match &execution.error {
        Some(reason) => state.step_failed(Step::Apply, reason)?,
        None => {
            let summary = summary(execution);
            state.step_finished(Step::Apply, &summary)?;
            listener.event(&Event::Finished {
                step: Step::Apply,
                summary: &summary,
            });
        }
    }
    Ok(())
}

fn summary(execution: &Execution) -> String {
    let scripts = &execution.scripts;
    if scripts.is_empty() {
        return "nothing was pending".to_owned();
    }
    let statements: usize = scripts.iter().map(|script| script.statements.len()).sum();
    let counted = |count: usize, what: &str| match count {
        1 => format!("1 {what}"),
        count => format!("{count} {what}s"),
    };
    format!(
        "{} applied, {}, {:.1} s",
        counted(scripts.len(), "migration"),
        counted(statements, "statement"),
        execution.duration_seconds
    )
}

/// How it ended.
struct Ended {
    error: Option<ExecuteError>,
    outcome: ExecutionOutcome,
    rolled_back: Option<RolledBack>,
    next: Option<String>,
}

/// Everything, from the first hook to the last.
fn whole<DB: Engine, K: Code<DB>>(
    keeper: &mut Keeper<'_, '_>,
    deployment: &Deployment<'_, DB, K>,
    options: &Options<'_>,
) -> Ended {
    let result = pending(keeper, deployment, options);
    if result.is_ok() {
        // On SQLite another process may have been faster: then a script begins and does not run.
        let scripts = &mut keeper.kept.scripts;
        scripts.retain(|script| script.state == ScriptState::Done);
    }
    let mut ended = Ended {
        outcome: outcome(&result, &keeper.kept),
        next: next(&result, options),
        error: None,
        rolled_back: None,
    };
    if let Err(error) = result {
        keeper.broke_off();
        settle(keeper, deployment, options);
        let fails = matches!(
            ended.outcome,
            ExecutionOutcome::Failed | ExecutionOutcome::HookFailed
        );
        if fails && options.on_failure == OnFailure::Rollback && !keeper.kept.scripts.is_empty() {
            let versions: Vec<Version> = versions(&keeper.kept.scripts)
                .filter_map(|version| Version::parse(&version).ok())
                .collect();
            let rolled_back = revert::revert(keeper, deployment, options, &versions);
            ended.next = next_after(&rolled_back, &error, options).or(ended.next);
            ended.rolled_back = Some(rolled_back);
        }
        ended.error = Some(why(error, keeper.kept.stop.take()));
    }
    let applied = versions(&keeper.kept.scripts).count();
    let more = hook::ending(word(ended.outcome), applied);
    if !keeper.hook(
        options.hooks.after_run.as_ref(),
        hook::AFTER_RUN,
        None,
        more,
    ) && ended.error.is_none()
    {
        ended.outcome = ExecutionOutcome::HookFailed;
    }
    if let (None, Some(Stop::Hook(text))) = (&ended.error, keeper.kept.stop.take()) {
        ended.outcome = ExecutionOutcome::HookFailed;
        ended.error = Some(ExecuteError::Hook(text));
    }
    ended
}

/// Applies what is pending.
fn pending<DB: Engine, K: Code<DB>>(
    keeper: &mut Keeper<'_, '_>,
    deployment: &Deployment<'_, DB, K>,
    options: &Options<'_>,
) -> Result<(), ExecuteError> {
    if options
        .window_ends
        .is_some_and(|ends| Instant::now() >= ends)
    {
        return Err(ExecuteError::Window);
    }
    replicas::limits_can_be_measured(deployment, options)?;
    let hook = options.hooks.before_run.as_ref();
    if !keeper.hook(hook, "before_run", None, Vec::new()) {
        return Err(why(ExecuteError::Window, keeper.kept.stop.take()));
    }
    let mut connection = session::open(deployment, options)?;
    keeper.shared.session(session::number(&mut connection));
    let status = deployment.migrator().status(&mut connection)?;
    let unfinished = |row: &&StatusRow| {
        matches!(
            row.standing,
            Standing::Failed(Direction::Up) | Standing::Unsure(Direction::Up)
        )
    };
    if let Some(row) = status.rows.iter().find(unfinished) {
        let text = format!(
            "going on with {}_{}, which was begun before",
            row.version, row.name
        );
        keeper.shared.warn(&text);
        if !keeper.before_migration(&row.version, &row.name, true) {
            return Err(why(ExecuteError::Window, keeper.kept.stop.take()));
        }
        with_migrator(
            deployment,
            options,
            &mut connection,
            keeper,
            |migrator, conn| migrator.resume(conn, None),
        )?;
    }
    with_migrator(
        deployment,
        options,
        &mut connection,
        keeper,
        |migrator, conn| migrator.up(conn, &options.target),
    )
}

/// Makes a migrator whose observer is the keeper, and lets it work.
pub(super) fn with_migrator<DB: Engine, K: Code<DB>, T>(
    deployment: &Deployment<'_, DB, K>,
    options: &Options<'_>,
    connection: &mut DB::Connection,
    keeper: &mut Keeper<'_, '_>,
    work: impl FnOnce(
        &mut Migrator<'_, DB, K>,
        &mut DB::Connection,
    ) -> Result<T, migrate_runtime::Error>,
) -> Result<(), ExecuteError> {
    let mut migrator = (deployment.make_migrator)(deployment.set);
    keeper.one_transaction = migrator.settings_mut().transactions == Transactions::All;
    let ready = |second: &mut DB::Connection| session::take_on::<DB>(second, options);
    let (migrator, _) = deployment.keep_apart(migrator, connection, ready)?;
    let mut migrator = migrator.observer(keeper);
    work(&mut migrator, connection)?;
    Ok(())
}

/// What was watched while something was done.
pub(super) struct Watched<T> {
    pub(super) value: T,
    pub(super) kept: Kept,
    pub(super) samples: Vec<Sample>,
    pub(super) monitor: MonitorState,
    pub(super) replicas: Vec<WatchedReplica>,
}

/// Ends the monitor, also where the work panics.
struct End<'s, 'l>(&'s Shared<'l>);

impl Drop for End<'_, '_> {
    fn drop(&mut self) {
        self.0.end();
    }
}

/// Does some work while a monitor watches.
pub(super) fn watched<DB: Engine, K: Code<DB>, T>(
    deployment: &Deployment<'_, DB, K>,
    options: &Options<'_>,
    run_id: String,
    listener: &mut (dyn Listener + Send),
    work: impl FnOnce(&mut Keeper<'_, '_>) -> T,
) -> Watched<T> {
    let shared = Shared::new(listener);
    let mut keeper = Keeper::new(options, &shared, deployment.url, DB::DIALECT, run_id);
    let target = monitor::Target {
        url: options.monitor.unwrap_or(deployment.url),
        runtime: deployment.runtime,
        heartbeat: options.heartbeat,
        minds_replicas: options.limits.replica_lag.is_some(),
    };
    for replica in &options.replicas {
        shared.expects(&replica.shown());
    }
    let value = std::thread::scope(|scope| {
        let _end = End(&shared);
        for replica in &options.replicas {
            scope.spawn(|| replicas::watch::<DB>(replica, deployment.runtime, &shared));
        }
        scope.spawn(|| monitor::watch::<DB>(&target, &shared));
        work(&mut keeper)
    });
    let kept = keeper.kept;
    let (samples, monitor, replicas) = shared.into_seen();
    Watched {
        value,
        kept,
        samples,
        monitor,
        replicas,
    }
}

/// Asks the database what of the scripts is there: the connection may have been cut at any point.
fn settle<DB: Engine, K: Code<DB>>(
    keeper: &mut Keeper<'_, '_>,
    deployment: &Deployment<'_, DB, K>,
    options: &Options<'_>,
) {
    if keeper.kept.scripts.is_empty() {
        return;
    }
    let status = session::status(deployment, options);
    match status {
        Ok(status) => judge(&mut keeper.kept.scripts, &status),
        Err(_) if keeper.one_transaction => {
            for script in &mut keeper.kept.scripts {
                script.state = ScriptState::Unknown;
            }
        }
        Err(_) => {}
    }
}

/// What the history says about scripts.
pub(super) fn judge(scripts: &mut [ScriptRun], status: &Status) {
    for script in scripts {
        let row = status
            .rows
            .iter()
            .find(|row| row.version.as_str() == script.version);
        let standing = row.map(|row| &row.standing);
        let there = match standing {
            Some(Standing::Failed(_) | Standing::Unsure(_)) => {
                script.state = ScriptState::Half;
                continue;
            }
            Some(Standing::Pending | Standing::OutOfOrder) | None => false,
            Some(_) => true,
        };
        script.state = match there == (script.direction == Direction::Up.name()) {
            true => ScriptState::Done,
            false => ScriptState::Nothing,
        };
    }
}

/// The versions that scripts have applied.
fn versions(scripts: &[ScriptRun]) -> impl Iterator<Item = String> {
    scripts
        .iter()
        .filter(|script| script.direction == Direction::Up.name())
        .filter(|script| script.state == ScriptState::Done)
        .map(|script| script.version.clone())
}

/// The reason that stopped the migrator, where one from here did.
fn why(error: ExecuteError, stop: Option<Stop>) -> ExecuteError {
    let stopped = match &error {
        ExecuteError::Run(error) => matches!(error.kind(), ErrorKind::Stopped { .. }),
        ExecuteError::Window => true,
        _ => false,
    };
    match stop.filter(|_| stopped) {
        Some(Stop::Window) => ExecuteError::Window,
        Some(Stop::Pause(reason)) => ExecuteError::Pause(reason),
        Some(Stop::Hook(text)) => ExecuteError::Hook(text),
        Some(Stop::Asked) | None => error,
    }
}

fn outcome(result: &Result<(), ExecuteError>, kept: &Kept) -> ExecutionOutcome {
    let error = match result {
        Ok(()) if kept.scripts.is_empty() => return ExecutionOutcome::NothingToDo,
        Ok(()) => return ExecutionOutcome::Done,
        Err(error) => error,
    };
    match (error, &kept.stop) {
        (ExecuteError::Window, _) => ExecutionOutcome::WindowEnded,
        (ExecuteError::Hook(_), _) => ExecutionOutcome::HookFailed,
        (ExecuteError::Run(error), stop) if matches!(error.kind(), ErrorKind::Stopped { .. }) => {
            match stop {
                Some(Stop::Window) => ExecutionOutcome::WindowEnded,
                Some(Stop::Pause(_)) => ExecutionOutcome::PausedTooLong,
                Some(Stop::Hook(_)) => ExecutionOutcome::HookFailed,
                Some(Stop::Asked) | None => ExecutionOutcome::Stopped,
            }
        }
        _ if kept.scripts.is_empty() => ExecutionOutcome::Refused,
        _ => ExecutionOutcome::Failed,
    }
}

/// The word for how something ended, as evidence has it.
pub(crate) fn word(outcome: impl Serialize) -> String {
    match serde_json::to_value(outcome) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

/// The one command that comes next.
fn next(result: &Result<(), ExecuteError>, options: &Options<'_>) -> Option<String> {
    let Err(error) = result else { return None };
    match error {
        // What was left unfinished is finished by the same command.
        ExecuteError::Run(error) => match error.kind() {
            ErrorKind::Stopped { .. } => Some(options.command.to_owned()),
            _ => error
                .next()
                .map(|next| next.replace("migrate up", options.command)),
        },
        ExecuteError::Connect(_)
        | ExecuteError::Role { .. }
        | ExecuteError::NoRoles
        | ExecuteError::Unmeasurable { .. }
        | ExecuteError::Replicas { .. } => None,
        _ => Some(options.command.to_owned()),
    }
}

/// The one command that comes next after a rollback.
fn next_after(
    rolled_back: &RolledBack,
    error: &ExecuteError,
    options: &Options<'_>,
) -> Option<String> {
    let rollback = rolled_back.rollback.as_ref()?;
    match (rollback.outcome, error) {
        (RollbackOutcome::Done | RollbackOutcome::NothingToRevert, ExecuteError::Run(error)) => {
            match error.kind() {
                // What had failed half-way was given up.
                ErrorKind::Failed(failure) if !failure.rolled_back => Some(format!(
                    "correct {} and run `{}` again",
                    failure.path, options.command
                )),
                _ => None,
            }
        }
        (RollbackOutcome::Failed, _) => rollback.next(options.command),
        _ => None,
    }
}
