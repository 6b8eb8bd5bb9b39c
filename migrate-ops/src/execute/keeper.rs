//! Listens to the migrator: keeps what happens as evidence, and says when to stop.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use migrate_core::config::{Hook, HookFailure};
use migrate_core::{Dialect, Direction, Version, redact};
use migrate_runtime::{Done, Event, Observer};

use super::hook::{self, Environment};
use super::monitor::{Running, Shared, describe};
use super::{HookRun, Options, Pause, ScriptRun, ScriptState, StatementRun};
use crate::connect::DatabaseUrl;
use crate::event::{self, Step};
use crate::time;

/// So much of a statement's text is kept.
const SQL: usize = 500;
/// How long the monitor has for its first look, before it counts as seeing nothing.
const FIRST_LOOK: Duration = Duration::from_secs(10);
/// How often a paused run looks whether it may go on.
const LOOK: Duration = Duration::from_millis(200);

/// Why the run was stopped from here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// The listener asked.
    Asked,
    /// The window is over.
    Window,
    /// A pause lasted too long, for this reason.
    Pause(String),
    /// A hook failed.
    Hook(String),
}

/// Where the migrator is when it asks whether to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    /// Nothing is open, and a script is about to begin.
    Before,
    /// A statement is done and another follows.
    Between,
    /// Anywhere else: it waits, or a script is about to be committed.
    Elsewhere,
}

/// What a keeper goes by.
pub(super) struct Keeper<'k, 'l> {
    pub(super) options: &'k Options<'k>,
    pub(super) shared: &'k Shared<'l>,
    pub(super) url: &'k DatabaseUrl,
    pub(super) dialect: Dialect,
    pub(super) run_id: String,
    /// One transaction is around all scripts.
    pub(super) one_transaction: bool,
    /// Scripts are run to take back what was applied: no hooks, no pauses and no window stop that.
    pub(super) reverting: bool,
    pub(super) kept: Kept,
    at: At,
    /// Where each statement of the script that runs is kept.
    places: BTreeMap<usize, usize>,
    begun: Instant,
    code_begun: Option<Instant>,
    span: Option<tracing::span::EnteredSpan>,
    /// The version whose hook has run already.
    hooked: Option<Version>,
}

/// What was kept.
#[derive(Debug, Default)]
pub(super) struct Kept {
    pub(super) scripts: Vec<ScriptRun>,
    pub(super) pauses: Vec<Pause>,
    pub(super) hooks: Vec<HookRun>,
    pub(super) stop: Option<Stop>,
}

impl<'k, 'l> Keeper<'k, 'l> {
    pub(super) fn new(
        options: &'k Options<'k>,
        shared: &'k Shared<'l>,
        url: &'k DatabaseUrl,
        dialect: Dialect,
        run_id: String,
    ) -> Self {
        Keeper {
            options,
            shared,
            url,
            dialect,
            run_id,
            one_transaction: false,
            reverting: false,
            kept: Kept::default(),
            at: At::Elsewhere,
            places: BTreeMap::new(),
            begun: Instant::now(),
            code_begun: None,
            span: None,
            hooked: None,
        }
    }

    /// Runs a hook where there is one; whether the run may go on.
    pub(super) fn hook(
        &mut self,
        hook: Option<&Hook>,
        when: &'static str,
        migration: Option<(&str, &str, &str)>,
        more: Environment,
    ) -> bool {
        let Some(hook) = hook else { return true };
        let mut environment = hook::environment(when, &self.run_id, self.url);
        if let Some((version, name, direction)) = migration {
            environment.push(("MIGRATE_VERSION", version.to_owned()));
            environment.push(("MIGRATE_NAME", name.to_owned()));
            environment.push(("MIGRATE_DIRECTION", direction.to_owned()));
        }
        environment.extend(more);
        self.shared
            .progress(&format!("running the hook {when}"), None);
        let version = migration.map(|(version, ..)| version.to_owned());
        // What the end of a run is told must be told, whoever wants to stop.
        let may_stop = when != hook::AFTER_RUN;
        let shared = self.shared;
        let run = hook::run(hook, when, version, &environment, self.url, || {
            may_stop && shared.stop()
        });
        let complaint = hook::complaint(hook, &run);
        self.kept.hooks.push(run);
        let Some(text) = complaint else { return true };
        self.shared.warn(&text);
        if hook.on_failure == HookFailure::Continue {
            return true;
        }
        self.kept.stop.get_or_insert(Stop::Hook(text));
        false
    }

    /// Runs the hook before a migration, unless it has run for it already.
    pub(super) fn before_migration(&mut self, version: &Version, name: &str, up: bool) -> bool {
        if !up || self.reverting || self.hooked.as_ref() == Some(version) {
            return true;
        }
        self.hooked = Some(version.clone());
        let options = self.options;
        let migration = Some((version.as_str(), name, "up"));
        let hook = options.hooks.before_migration.as_ref();
        self.hook(hook, "before_migration", migration, Vec::new())
    }

    /// Whether the window is over; a rollback is finished all the same.
    fn window_is_over(&mut self) -> bool {
        let over = self
            .options
            .window_ends
            .is_some_and(|ends| Instant::now() >= ends);
        if over && !self.reverting {
            self.kept.stop.get_or_insert(Stop::Window);
        }
        over && !self.reverting
    }

    /// Waits until the server has room for more; whether the run may go on.
    fn pause(&mut self) -> bool {
        let limits = self.options.limits;
        if self.reverting || !limits.any() {
            return true;
        }
        let begun = Instant::now();
        while !self.shared.has_looked() && begun.elapsed() < FIRST_LOOK && !self.shared.stop() {
            std::thread::sleep(LOOK);
        }
        let Some(reason) = self.shared.beyond(&limits) else {
            return true;
        };
        let (started, begun) = (time::now(), Instant::now());
        self.shared.warn(&format!("paused: {reason}"));
        let ended_well = loop {
            if self.shared.stop() || self.window_is_over() || begun.elapsed() >= limits.pause {
                break false;
            }
            std::thread::sleep(LOOK);
            if self.shared.beyond(&limits).is_none() {
                break true;
            }
        };
        self.kept.pauses.push(Pause {
            started,
            duration_seconds: begun.elapsed().as_secs_f64(),
            reason: reason.clone(),
            ended_well,
        });
        if ended_well {
            self.shared.progress("going on", None);
        } else if begun.elapsed() >= limits.pause {
            self.kept.stop.get_or_insert(Stop::Pause(reason));
        }
        ended_well
    }

    fn script(&mut self) -> Option<&mut ScriptRun> {
        self.kept.scripts.last_mut()
    }

    fn statement(&mut self, index: usize) -> Option<&mut StatementRun> {
        let place = *self.places.get(&index)?;
        self.script()?.statements.get_mut(place)
    }

    fn statement_started(&mut self, index: usize, of: usize, sql: &str, line: usize) {
        let started = time::now();
        let place = match self.places.get(&index) {
            Some(place) => *place,
            None => {
                let statement = StatementRun {
                    statement: index + 1,
                    line,
                    sql: shortened(redact::values(sql, self.dialect)),
                    started: started.clone(),
                    duration_seconds: None,
                    attempts: 0,
                    skipped: false,
                    blockers: Vec::new(),
                    progress: None,
                };
                let Some(script) = self.script() else { return };
                script.statements.push(statement);
                script.statements.len() - 1
            }
        };
        self.places.insert(index, place);
        if let Some(statement) = self.statement(index) {
            statement.attempts += 1;
            statement.started = started;
            statement.duration_seconds = None;
        }
        let what = match self.script() {
            Some(script) => format!(
                "statement {} of {of} of {}_{}",
                index + 1,
                script.version,
                script.name
            ),
            None => format!("statement {} of {of}", index + 1),
        };
        self.shared.statement_begins(Running {
            since: Instant::now(),
            what,
        });
    }

    /// The statement that ran last is over, well or not.
    fn statement_over(&mut self, index: Option<usize>, duration: Option<Duration>) {
        let (blockers, inside) = self.shared.statement_ends();
        let index = index.or_else(|| {
            let last = self.kept.scripts.last()?.statements.last()?;
            Some(last.statement - 1)
        });
        let Some(statement) = index.and_then(|index| self.statement(index)) else {
            return;
        };
        statement.duration_seconds = duration.map(|duration| duration.as_secs_f64());
        for blocker in blockers {
            let known = |known: &super::Blocker| known.session == blocker.session;
            if !statement.blockers.iter().any(known) {
                statement.blockers.push(blocker);
            }
        }
        statement.progress = inside.or(statement.progress.take());
    }

    fn started(&mut self, version: &Version, name: &str, direction: Direction, transaction: bool) {
        let direction = direction.to_string();
        self.span = Some(
            tracing::info_span!("script", %version, name, direction = direction.as_str()).entered(),
        );
        self.begun = Instant::now();
        self.places.clear();
        self.kept.scripts.push(ScriptRun {
            version: version.to_string(),
            name: name.to_owned(),
            direction,
            transaction,
            state: ScriptState::Unknown,
            started: time::now(),
            finished: None,
            duration_seconds: 0.0,
            statements: Vec::new(),
            code_seconds: None,
        });
        self.at = At::Before;
    }

    fn finished(&mut self, done: &Done) {
        if let Some(script) = self.script() {
            script.state = ScriptState::Done;
            script.finished = Some(time::now());
            script.duration_seconds = done.duration.as_secs_f64();
        }
        self.span = None;
        self.at = At::Elsewhere;
        if done.direction == Direction::Up && !self.reverting {
            let options = self.options;
            let migration = Some((done.version.as_str(), done.name.as_str(), "up"));
            let hook = options.hooks.after_migration.as_ref();
            self.hook(hook, "after_migration", migration, Vec::new());
        }
    }

    /// The script that was begun last did not end well.
    pub(super) fn broke_off(&mut self) {
        self.statement_over(None, None);
        self.span = None;
        let (seconds, at) = (self.begun.elapsed().as_secs_f64(), time::now());
        if let Some(script) = self.script().filter(|script| script.finished.is_none()) {
            script.finished = Some(at);
            script.duration_seconds = seconds;
        }
    }
}

impl Observer for Keeper<'_, '_> {
    fn event(&mut self, event: &Event<'_>) {
        let step = Step::Apply;
        self.shared.tell(&event::Event::Migration { step, event });
        match event {
            Event::MigrationStarted {
                version,
                name,
                direction,
                transaction,
                ..
            } => self.started(version, name, *direction, *transaction),
            Event::StatementStarted {
                index,
                of,
                sql,
                line,
            } => {
                self.at = At::Elsewhere;
                self.statement_started(*index, *of, sql, *line);
            }
            Event::StatementFinished {
                index,
                of,
                duration,
            } => {
                tracing::debug!(statement = index + 1, of, ?duration, "done");
                self.statement_over(Some(*index), Some(*duration));
                // What is complete is committed.
                self.at = match index + 1 < *of {
                    true => At::Between,
                    false => At::Elsewhere,
                };
            }
            Event::StatementSkipped { index, of } => {
                self.statement_started(*index, *of, "", 0);
                self.shared.statement_ends();
                if let Some(statement) = self.statement(*index) {
                    statement.skipped = true;
                    statement.attempts = 0;
                }
            }
            Event::CodeStarted => {
                self.at = At::Elsewhere;
                self.code_begun = Some(Instant::now());
                let what = match self.script() {
                    Some(script) => format!("the Rust code of {}_{}", script.version, script.name),
                    None => "Rust code".to_owned(),
                };
                let since = Instant::now();
                self.shared.statement_begins(Running { since, what });
            }
            Event::CodeFinished { duration } => {
                self.shared.statement_ends();
                if let Some(script) = self.script() {
                    script.code_seconds = Some(duration.as_secs_f64());
                }
            }
            Event::LockTimeout { attempt, of, .. } => {
                self.statement_over(None, None);
                self.at = At::Elsewhere;
                let blockers = self
                    .kept
                    .scripts
                    .last()
                    .and_then(|script| script.statements.last())
                    .map(|statement| statement.blockers.as_slice())
                    .unwrap_or_default();
                let mut text = format!("attempt {attempt} of {of} waited too long for a lock");
                if let Some(blocker) = blockers.last() {
                    text.push_str(&format!("; in the way: {}", describe(blocker)));
                }
                self.shared.warn(&text);
            }
            Event::MigrationFinished(done) => self.finished(done),
            _ => {}
        }
    }

    fn stop(&mut self) -> bool {
        if self.kept.stop.is_some() {
            // What is complete is committed all the same, but nothing further begins.
            return self.at != At::Elsewhere || self.reverting;
        }
        if self.shared.stop() {
            self.kept.stop = Some(Stop::Asked);
            return true;
        }
        match std::mem::replace(&mut self.at, At::Elsewhere) {
            At::Before => {
                if self.window_is_over() || !(self.one_transaction || self.pause()) {
                    self.settle();
                    return true;
                }
                let Some(script) = self.kept.scripts.last() else {
                    return false;
                };
                let (name, up) = (script.name.clone(), script.direction == "up");
                let version = Version::parse(&script.version);
                let goes_on = version.is_ok_and(|v| self.before_migration(&v, &name, up));
                !goes_on
            }
            At::Between => {
                let transaction = self.one_transaction
                    || self
                        .kept
                        .scripts
                        .last()
                        .is_some_and(|script| script.transaction);
                let stop = self.window_is_over() || !(transaction || self.pause());
                if stop {
                    self.settle();
                }
                stop
            }
            At::Elsewhere => false,
        }
    }
}

impl Keeper<'_, '_> {
    /// A pause that ended because somebody asked to stop has that as its reason.
    fn settle(&mut self) {
        self.kept.stop.get_or_insert(Stop::Asked);
    }
}

fn shortened(mut sql: String) -> String {
    if let Some((cut, _)) = sql.char_indices().nth(SQL) {
        sql.truncate(cut);
        sql.push('…');
    }
    sql
}
