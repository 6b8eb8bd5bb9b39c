//! The whole step: analyse, back up, rehearse, plan, apply, validate.
//!
//! Nothing is changed before everything that could speak against it has been looked at: the run
//! stops at the first step that fails, and up to the plan it then has changed nothing. What was done
//! is in the run's state directory ([`run_state`](crate::run_state)) whatever happens, a step at a
//! time; [`Report`](crate::report::Report) reads it from there.
//!
//! A step may be left out only with a reason, which is written down as a decision.

mod course;
mod failure;
mod options;

use std::collections::BTreeSet;
use std::time::Instant;

use jiff::Timestamp;
use migrate_core::Version;
use migrate_core::config::OnFailure;
use migrate_runtime::Code;

use crate::analyse::{self, Analysis};
use crate::backup::{
    self, BackupEvidence, BackupKind, Follower, LogMark, ScratchPlace, Stored, VerificationState,
    VerifyLevel,
};
use crate::connect::{DatabaseUrl, Engine, Open};
use crate::deployment::Deployment;
use crate::event::{Event, Listener, Step};
use crate::execute::{self, ExecuteError, Execution, ExecutionOutcome, ScriptRun, ScriptState};
use crate::forecast::{self, Forecast};
use crate::rehearse::{self, RehearsalEvidence};
use crate::reinstate::{self, Reinstatement};
use crate::report::{SURROUNDINGS, Server, Surroundings, counted};
use crate::run_state::{About, Outcome, Recorder, RunId, RunState, RunStateError};
use crate::scratch;
use crate::validate::{self, Before, CheckState, Validation};

use course::Course;
pub use failure::Failure;
pub use options::{BackUp, Options, Rehearsal};

/// The name under which the reading before the run is kept.
const BEFORE: &str = "before";

/// What a run came to. The evidence of each step that was taken is here and in the state directory.
#[derive(Debug)]
pub struct Finished {
    /// The run.
    pub id: RunId,
    /// How it ended.
    pub outcome: Outcome,
    /// In words.
    pub text: String,
    /// What stopped it.
    pub failure: Option<Failure>,
    /// What it was for.
    pub analysis: Option<Analysis>,
    /// The backup.
    pub backup: Option<BackupEvidence>,
    /// The rehearsal.
    pub rehearsal: Option<RehearsalEvidence>,
    /// The plan.
    pub forecast: Option<Forecast>,
    /// What was applied.
    pub execution: Option<Execution>,
    /// What was validated.
    pub validation: Option<Validation>,
    /// The backup that was put in the place of the database, or was to be.
    pub restore: Option<Reinstatement>,
}

impl Finished {
    /// The one next command, where there is one.
    pub fn next(&self) -> Option<String> {
        let failure = self.failure.as_ref()?;
        let restored = self.restore.as_ref().and_then(|it| it.next.clone());
        restored.or_else(|| failure.next(self.execution.as_ref()))
    }
}

/// Runs all of it.
///
/// # Errors
/// Where the run's state cannot be kept: another run goes on, or nothing can be written. Everything
/// else that stops a run is in [`Finished::failure`].
pub fn run<DB: Engine, K: Code<DB>>(
    deployment: &Deployment<'_, DB, K>,
    options: &Options<'_>,
    listener: &mut (dyn Listener + Send),
) -> Result<Finished, RunStateError> {
    let about = About {
        database: deployment.url.shown(),
    };
    let state = RunState::create(&options.state, &about)?;
    let mut finished = Finished {
        id: state.id().clone(),
        outcome: Outcome::Succeeded,
        text: String::new(),
        failure: None,
        analysis: None,
        backup: None,
        rehearsal: None,
        forecast: None,
        execution: None,
        validation: None,
        restore: None,
    };
    let mut whole = Whole {
        deployment,
        options,
        course: Course { state, listener },
        finished: &mut finished,
    };
    let ended = whole.go();
    let mut state = whole.course.state;
    match ended {
        Ok(()) => {}
        Err(Failure::State(error)) => return Err(error),
        Err(failure) => {
            let (execution, restore) = (finished.execution.as_ref(), finished.restore.as_ref());
            finished.outcome = failure.outcome(execution, restore);
            finished.text = match (restore, finished.outcome) {
                (Some(restore), _) => format!("{failure}; {}", restore.summary()),
                (None, Outcome::RolledBack) => {
                    let undone = execution.map_or(0, |execution| execution.undone.len());
                    format!("{failure}; {} reverted", counted(undone, "migration"))
                }
                (None, _) => failure.to_string(),
            };
            finished.failure = Some(failure);
        }
    }
    after_run(deployment.url, options, &mut finished, &mut state, listener)?;
    state.finished(finished.outcome, &finished.text, finished.next().as_deref())?;
    Ok(finished)
}

/// Runs the hook after a run that has begun to apply, when all is settled: what it switches back, as
/// letting writers in again, must wait until a failure is answered.
fn after_run(
    url: &DatabaseUrl,
    options: &Options<'_>,
    finished: &mut Finished,
    state: &mut RunState,
    listener: &mut (dyn Listener + Send),
) -> Result<(), RunStateError> {
    let hook = options.apply.hooks.after_run.as_ref();
    let (Some(hook), Some(execution)) = (hook, &mut finished.execution) else {
        return Ok(());
    };
    let mut recorder = Recorder::new(state, listener);
    recorder.event(&Event::Progress {
        step: Step::Apply,
        text: &format!("running the hook {}", execute::AFTER_RUN),
        fraction: None,
    });
    let outcome = execute::word(finished.outcome);
    let applied = execution.committed.len();
    let (ran, complaint) = execute::after_run(hook, finished.id.as_str(), url, outcome, applied);
    execution.hooks.push(ran);
    if let Some(text) = complaint {
        recorder.event(&Event::Warning {
            step: Step::Apply,
            text: &text,
        });
        if finished.failure.is_none() {
            finished.outcome = Outcome::Failed;
            finished.text.clone_from(&text);
            finished.failure = Some(Failure::Apply(Box::new(ExecuteError::Hook(text))));
        }
    }
    recorder.finish()?;
    state.evidence(Step::Apply, execute::EVIDENCE, execution)?;
    Ok(())
}

struct Whole<'r, 'd, 'o, DB: Engine, K> {
    deployment: &'r Deployment<'d, DB, K>,
    options: &'r Options<'o>,
    course: Course<'r>,
    finished: &'r mut Finished,
}

impl<'o, DB: Engine, K: Code<DB>> Whole<'_, '_, 'o, DB, K> {
    fn go(&mut self) -> Result<(), Failure> {
        self.look_for_an_interrupted_restore()?;
        if !self.analyse()? {
            self.finished.outcome = Outcome::NothingToDo;
            self.finished.text = "nothing is pending".to_owned();
            return Ok(());
        }
        self.look_at_rights()?;
        self.look_whether_a_backup_can_take_its_place()?;
        let (mut backup, follower) = self.back_up()?;
        self.rehearse(backup.as_ref())?;
        self.plan(backup.as_ref())?;
        let before = self.look_before()?;
        let applied = self.apply();
        if let (Some(stored), Some(follower)) = (&mut backup, follower) {
            self.keep_log(stored, follower)?;
        }
        if let Err(failure) = applied {
            self.put_back(backup.as_ref())?;
            return Err(failure);
        }
        if let Err(failure) = self.validate(&before) {
            self.roll_back()?;
            self.put_back(backup.as_ref())?;
            return Err(failure);
        }
        let applied = self.finished.execution.as_ref();
        let count = applied.map_or(0, |execution| execution.committed.len());
        self.finished.text = match count {
            1 => "1 migration was applied".to_owned(),
            count => format!("{count} migrations were applied"),
        };
        Ok(())
    }

    /// What is half exchanged is finished before anything else is done.
    fn look_for_an_interrupted_restore(&self) -> Result<(), Failure> {
        let database = self.deployment.url.shown();
        match reinstate::interrupted(&self.options.state, &database)? {
            Some(interrupted) => Err(Failure::Interrupted(interrupted.text())),
            None => Ok(()),
        }
    }

    /// What is not possible is not to be found out when it is needed.
    fn look_whether_a_backup_can_take_its_place(&self) -> Result<(), Failure> {
        if self.options.apply.on_failure != OnFailure::Restore {
            return Ok(());
        }
        let obstacles = match &self.options.backup {
            BackUp::Skip { .. } => vec!["no backup is made".to_owned()],
            BackUp::Take { options, .. } if options.command.is_some() => {
                vec!["the backup is made by a command of the operator's".to_owned()]
            }
            BackUp::Take { options, .. } if options.kind != BackupKind::Logical => {
                vec!["only a logical backup is put in the place of a database by itself".to_owned()]
            }
            BackUp::Take { .. } => match reinstate::obstacles(self.deployment) {
                Ok(obstacles) => obstacles,
                Err(error) => vec![backup::verify::with_causes(&error)],
            },
        };
        match obstacles.is_empty() {
            true => Ok(()),
            false => Err(Failure::CannotRestore(obstacles)),
        }
    }

    /// Whether anything is pending.
    fn analyse(&mut self) -> Result<bool, Failure> {
        let (deployment, options) = (self.deployment, self.options);
        let conn = &mut deployment.connect(Open::Existing)?.connection;
        let mut surroundings = Surroundings::here(deployment.set, options.directory);
        surroundings.server = Server::read(conn, DB::DIALECT).ok();
        self.course
            .state
            .evidence(Step::Analyse, SURROUNDINGS, &surroundings)?;
        let analysis = self.course.step(
            Step::Analyse,
            |analysis: &Analysis| analysis.summary(),
            |_| {
                let asked = analyse::Options {
                    target: &options.apply.target,
                    levels: options.levels,
                    server: options.server,
                };
                Ok(analyse::analyse(deployment, &asked, conn)?)
            },
        )?;
        let anything = !analysis.pending.is_empty();
        let errors = analysis.errors();
        self.finished.analysis = Some(analysis);
        match errors.is_empty() {
            true => Ok(anything),
            false => Err(Failure::Errors(errors)),
        }
    }

    /// What is not allowed is not to be found out after an hour of backup: to the user that migrates,
    /// to the one that dumps, and to the one that restores. One that watches sees less.
    fn look_at_rights(&mut self) -> Result<(), Failure> {
        let (deployment, apply) = (self.deployment, &self.options.apply);
        let failed = |error: ExecuteError| Failure::Apply(Box::new(error));
        execute::limits_can_be_measured(deployment, apply).map_err(failed)?;
        let missing = execute::missing_rights(deployment, apply).map_err(failed)?;
        let mut missing: Vec<String> = missing
            .iter()
            .map(|it| format!("{} (for {})", it.right, it.version))
            .collect();
        if let BackUp::Take { options, verify } = &self.options.backup {
            if options.command.is_none() {
                let preflight = backup::preflight(deployment, options)?;
                let of_rights = preflight.checks.into_iter();
                let of_rights = of_rights.filter(|it| it.what == "rights" && it.is_no_go());
                missing.extend(of_rights.map(|it| format!("{} (to back up)", it.detail)));
            }
            if let (ScratchPlace::Server(url), true) =
                (verify.place, verify.level != VerifyLevel::None)
            {
                let scratch = execute::rights_missing_on_scratch::<DB>(url, deployment.runtime);
                let lacks = scratch.map_err(failed)?.into_iter();
                missing.extend(lacks.map(|it| format!("{it} (on {})", url.shown())));
            }
        }
        for right in execute::rights_missing_to_watch(deployment, apply).map_err(failed)? {
            let text = format!("the user that watches the run lacks {right}");
            let (step, text) = (Step::Analyse, text.as_str());
            let Course { state, listener } = &mut self.course;
            let mut recorder = Recorder::new(state, *listener);
            recorder.event(&Event::Warning { step, text });
            recorder.finish()?;
        }
        match missing.is_empty() {
            true => Ok(()),
            false => Err(Failure::Rights(missing)),
        }
    }

    /// The backup, and what goes on receiving the server's log for it.
    fn back_up(&mut self) -> Result<(Option<Stored>, Option<Follower>), Failure> {
        let (options, verify) = match &self.options.backup {
            BackUp::Take { options, verify } => (options, verify),
            BackUp::Skip { reason } => {
                self.course
                    .state
                    .decided(&format!("no backup is made: {reason}"))?;
                return Ok((None, None));
            }
        };
        let deployment = self.deployment;
        let (stored, follower) = self.course.step_with(
            Step::Backup,
            |(stored, _): &(Stored, Option<Follower>)| &stored.evidence,
            |(stored, _)| stored.evidence.summary(),
            |listener| {
                Ok(backup::back_up_and_follow(
                    deployment, options, verify, listener,
                )?)
            },
        )?;
        self.finished.backup = Some(stored.evidence.clone());
        let verification = &stored.evidence.verification;
        if verification.state == VerificationState::Failed {
            return Err(Failure::BackupDiffers(verification.differences.clone()));
        }
        Ok((Some(stored), follower))
    }

    /// Keeps the server's log up to after the run's first statement with the backup, which then can be
    /// rolled forward to just before it. That it cannot be kept stops nothing, and is said.
    fn keep_log(&mut self, stored: &mut Stored, follower: Follower) -> Result<(), Failure> {
        let BackUp::Take { options, .. } = &self.options.backup else {
            return Ok(());
        };
        let Course { state, listener } = &mut self.course;
        let record = RunState::read(&self.options.state, state.id())?;
        if record.evidence::<LogMark>(execute::LOG_MARK)?.is_none() {
            // Nothing was sent.
            return Ok(());
        }
        match follower.keep(stored, options) {
            Ok(()) => {
                let name = Step::Backup.to_string();
                state.evidence(Step::Backup, &name, &stored.evidence)?;
                self.finished.backup = Some(stored.evidence.clone());
            }
            Err(error) => {
                let text =
                    format!("the backup cannot be rolled forward to before this run: {error}");
                listener.event(&Event::Warning {
                    step: Step::Apply,
                    text: &text,
                });
                state.decided(&text)?;
            }
        }
        Ok(())
    }

    fn rehearse(&mut self, backup: Option<&Stored>) -> Result<(), Failure> {
        let copy = match (&self.options.rehearsal, backup) {
            (Rehearsal::Copy { .. }, Some(backup)) => rehearse::Copy::Backup {
                stored: Box::new(backup.clone()),
                options: Box::new(match &self.options.backup {
                    BackUp::Take { options, .. } => (**options).clone(),
                    BackUp::Skip { .. } => backup::Options::new(&self.options.state),
                }),
            },
            (Rehearsal::Copy { .. }, None) => rehearse::Copy::Empty,
            (Rehearsal::Staging(url), _) => rehearse::Copy::Staging {
                url: url.clone(),
                same_server: false,
            },
            (Rehearsal::Skip { reason }, _) => {
                let text = format!("no rehearsal is held: {reason}");
                self.course.state.decided(&text)?;
                return Ok(());
            }
        };
        let deployment = self.deployment;
        let mask = match &self.options.rehearsal {
            Rehearsal::Copy { mask } => mask.clone(),
            _ => rehearse::Mask::default(),
        };
        let options = rehearse::Options {
            copy,
            target: self.options.apply.target.clone(),
            mask,
            ..rehearse::Options::empty()
        };
        let rehearsal =
            self.course
                .step(Step::Rehearse, RehearsalEvidence::summary, |listener| {
                    Ok(rehearse::rehearse(deployment, &options, listener)?)
                })?;
        let failed = rehearsal.verdict == rehearse::Verdict::Failed;
        let reasons = rehearsal.reasons.clone();
        self.finished.rehearsal = Some(rehearsal);
        match failed {
            true => Err(Failure::RehearsalFailed(reasons)),
            false => Ok(()),
        }
    }

    fn plan(&mut self, backup: Option<&Stored>) -> Result<(), Failure> {
        let (deployment, options) = (self.deployment, self.options);
        let rehearsal = self.finished.rehearsal.as_ref();
        let rehearsed = rehearsal.map(|it| forecast::Rehearsed::of(it, it.tables.clone()));
        let made_at = backup.and_then(|it| it.evidence.started.parse::<Timestamp>().ok());
        let forecast = self.course.step(Step::Plan, Forecast::summary, |_| {
            let asked = forecast::Options {
                target: options.apply.target.clone(),
                settings: None,
                thresholds: options.thresholds,
                levels: Some(options.levels),
                rehearsal: rehearsed.as_ref(),
                backup_made_at: made_at,
                replicas: &options.apply.replicas,
            };
            let conn = &mut deployment.connect(Open::Existing)?.connection;
            Ok(forecast::forecast(deployment, &asked, conn)?)
        })?;
        let go = forecast.verdict.go;
        let against = forecast.verdict.reasons.iter().filter(|it| it.against);
        let reasons: Vec<String> = against.map(|reason| reason.text.clone()).collect();
        self.finished.forecast = Some(forecast);
        match (go, &options.anyway) {
            (true, _) => Ok(()),
            (false, None) => Err(Failure::NoGo(reasons)),
            (false, Some(reason)) => {
                let text = format!("it goes on although the plan says no: {reason}");
                Ok(self.course.state.decided(&text)?)
            }
        }
    }

    /// What only a comparison can use, read before anything is applied.
    fn look_before(&mut self) -> Result<Before, Failure> {
        let Course { state, listener } = &mut self.course;
        let before = validate::before(self.deployment, &self.options.validate, *listener)?;
        state.evidence(Step::Validate, BEFORE, &before)?;
        Ok(before)
    }

    fn validate(&mut self, before: &Before) -> Result<(), Failure> {
        let (deployment, options) = (self.deployment, &self.options.validate);
        let validation = self
            .course
            .step(Step::Validate, Validation::summary, |listener| {
                Ok(validate::validate(
                    deployment,
                    options,
                    Some(before),
                    listener,
                )?)
            })?;
        let failed = validation.checks.iter();
        let failed: Vec<String> = failed
            .filter(|check| check.state == CheckState::Failed)
            .map(|check| match &check.message {
                Some(message) => format!("{}: {message}", check.subject),
                None => check.subject.clone(),
            })
            .collect();
        self.finished.validation = Some(validation);
        match failed.is_empty() {
            true => Ok(()),
            false => Err(Failure::Invalid(failed)),
        }
    }

    /// Takes back what was applied, where that is what a failure is answered with.
    fn roll_back(&mut self) -> Result<(), Failure> {
        let options = self.apply_options();
        let Some(execution) = &mut self.finished.execution else {
            return Ok(());
        };
        if options.on_failure != OnFailure::Rollback {
            return Ok(());
        }
        let versions: Vec<Version> = execution
            .committed
            .iter()
            .filter_map(|version| Version::parse(version).ok())
            .collect();
        let Course { state, listener } = &mut self.course;
        let taken_back = execute::rollback(self.deployment, &options, &versions, state, *listener);
        execution
            .committed
            .retain(|version| !taken_back.undone.contains(version));
        execution.undone = taken_back.undone;
        execution.lost = taken_back.lost;
        execution.rollback = taken_back.rollback;
        let rollback = execution.rollback.as_ref();
        execution.next = rollback.and_then(|it| it.next(options.command));
        state.evidence(Step::Apply, execute::EVIDENCE, execution)?;
        Ok(())
    }

    /// Puts the backup in the place of the database, where that is what a failure is answered with and
    /// anything was done that it would take back.
    fn put_back(&mut self, backup: Option<&Stored>) -> Result<(), Failure> {
        let (Some(stored), Some(execution), BackUp::Take { options, .. }) =
            (backup, &mut self.finished.execution, &self.options.backup)
        else {
            return Ok(());
        };
        let failed = !matches!(
            execution.outcome,
            ExecutionOutcome::Stopped
                | ExecutionOutcome::WindowEnded
                | ExecutionOutcome::PausedTooLong
        );
        let is_there = |script: &ScriptRun| script.state != ScriptState::Nothing;
        let asked = self.options.apply.on_failure == OnFailure::Restore;
        if !asked || !failed || !execution.scripts.iter().any(is_there) {
            return Ok(());
        }
        let asked = reinstate::Options {
            stored: stored.clone(),
            backup: (**options).clone(),
            scratch: scratch::Options {
                programs: options.programs::<DB>(),
                ..scratch::Options::default()
            },
            lose_writes_since: None,
            command: self.options.apply.command,
        };
        let Course { state, listener } = &mut self.course;
        let done = reinstate::reinstate(self.deployment, &asked, state, None, *listener)?;
        if done.is_done() {
            execution.undone.clone_from(&done.undone);
            execution.committed.clear();
            execution.lost.clone_from(&done.lost);
        }
        execution.next.clone_from(&done.next);
        state.evidence(Step::Apply, execute::EVIDENCE, execution)?;
        self.finished.restore = Some(done);
        Ok(())
    }

    /// How to apply, and what may be taken back.
    fn apply_options(&self) -> execute::Options<'o> {
        let mut options = self.options.apply.clone();
        let rehearsed = self.finished.rehearsal.as_ref().map(reverted);
        if let (Some(versions), execute::Rehearsed::Only(allowed)) =
            (rehearsed, &mut options.rollback.rehearsed)
        {
            allowed.extend(versions);
        }
        options
    }

    fn apply(&mut self) -> Result<(), Failure> {
        let mut options = self.apply_options();
        // The run is not over with applying.
        options.hooks.after_run = None;
        if let Some(window) = self.options.thresholds.window {
            options.window_ends = Instant::now().checked_add(window);
        }
        let Course { state, listener } = &mut self.course;
        // It writes its own steps and evidence: what it did has to be known however it ends.
        let applied = execute::apply(self.deployment, &options, state, *listener);
        self.finished.execution = Some(applied.execution);
        match applied.error {
            None => Ok(()),
            Some(error) => Err(Failure::Apply(Box::new(error))),
        }
    }
}

/// The versions whose way down was tried and brought back what was there.
fn reverted(rehearsal: &RehearsalEvidence) -> BTreeSet<Version> {
    let went_well = rehearsal.verdict != rehearse::Verdict::Failed;
    let pass = rehearsal.down.as_ref().filter(|_| went_well);
    pass.into_iter()
        .flat_map(|pass| &pass.migrations)
        .filter(|migration| migration.duration_seconds.is_some())
        .filter_map(|migration| Version::parse(&migration.version).ok())
        .collect()
}
