//! `[run]`: how migrations are run on a database that matters.

use std::path::PathBuf;
use std::time::Duration;

use toml::de::DeTable;

use super::options::{non_empty, parsed, variable, variables};
use super::parse_duration;
use crate::document::{Document, Value};

/// What happens where a migration fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnFailure {
    /// The run stops; what is committed stays.
    #[default]
    Stop,
    /// The migrations that this run has applied are reverted by their down scripts.
    Rollback,
    /// The backup that the run made is put in the place of the database, unless others wrote
    /// meanwhile.
    Restore,
}

impl OnFailure {
    /// The words for it.
    pub const CHOICES: [(&str, OnFailure); 3] = [
        ("stop", OnFailure::Stop),
        ("rollback", OnFailure::Rollback),
        ("restore", OnFailure::Restore),
    ];
}

/// What happens where a hook fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HookFailure {
    /// The run stops before whatever comes next.
    #[default]
    Stop,
    /// The run goes on, and says that the hook failed.
    Continue,
}

/// A command of the operator's that runs at a certain point.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hook {
    /// What the shell is given.
    pub command: String,
    /// How long it may take; by default 60 seconds.
    pub timeout: Duration,
    /// What happens where it fails or takes longer.
    pub on_failure: HookFailure,
}

/// How long a hook may take where nothing is said.
const HOOK_TIMEOUT: Duration = Duration::from_secs(60);

/// When hooks run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hooks {
    /// Before anything is applied.
    pub before_run: Option<Hook>,
    /// When the run is over, however it ended.
    pub after_run: Option<Hook>,
    /// Before each migration.
    pub before_migration: Option<Hook>,
    /// After each migration that was applied.
    pub after_migration: Option<Hook>,
}

/// How migrations are run on a database that matters.
///
/// ```
/// use migrate_core::config::Config;
///
/// let text = "[run]\nrole = 'owner'\n[run.hooks]\nbefore_run = './read-only on'\n";
/// let config = Config::parse(text, "/app/migrate.toml".as_ref()).unwrap();
/// let run = config.set(None).unwrap().run;
/// assert_eq!(run.state, std::path::Path::new("/app/.migrate"));
/// assert_eq!(run.role.as_deref(), Some("owner"));
/// assert_eq!(run.hooks.before_run.unwrap().command, "./read-only on");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunConfig {
    /// Where runs keep what they did; by default `.migrate` beside `migrate.toml`.
    pub state: PathBuf,
    /// What happens where a migration fails.
    pub on_failure: OnFailure,
    /// The role that migrations are run as (`SET ROLE`).
    pub role: Option<String>,
    /// The environment variable with the URL that the run is watched through; by default the
    /// database's own.
    pub monitor: Option<String>,
    /// The environment variables with the URLs of replicas, which are asked themselves how far they
    /// are behind.
    pub replicas: Vec<String>,
    /// How often at least something is said while a statement runs; by default every 10 seconds.
    pub heartbeat: Duration,
    /// The replica that is furthest behind may be so far behind; beyond that the run pauses, and
    /// where it cannot be known it does not begin.
    pub max_replica_lag: Option<Duration>,
    /// So many sessions may run a statement at once; beyond that the run pauses.
    pub max_active_sessions: Option<u32>,
    /// The longest pause, after which the run stops; by default 10 minutes.
    pub max_pause: Duration,
    /// Commands that run along.
    pub hooks: Hooks,
}

/// What a file says about `[run]`; nothing is filled in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct RunOptions {
    state: Option<String>,
    on_failure: Option<OnFailure>,
    role: Option<String>,
    monitor: Option<String>,
    replicas: Option<Vec<String>>,
    heartbeat: Option<Duration>,
    max_replica_lag: Option<Duration>,
    max_active_sessions: Option<u32>,
    max_pause: Option<Duration>,
    hooks: Hooks,
}

const HOOKS: [&str; 4] = [
    "before_run",
    "after_run",
    "before_migration",
    "after_migration",
];

impl RunOptions {
    pub(super) fn overlaid(self, over: RunOptions) -> RunOptions {
        RunOptions {
            state: over.state.or(self.state),
            on_failure: over.on_failure.or(self.on_failure),
            role: over.role.or(self.role),
            monitor: over.monitor.or(self.monitor),
            replicas: over.replicas.or(self.replicas),
            heartbeat: over.heartbeat.or(self.heartbeat),
            max_replica_lag: over.max_replica_lag.or(self.max_replica_lag),
            max_active_sessions: over.max_active_sessions.or(self.max_active_sessions),
            max_pause: over.max_pause.or(self.max_pause),
            hooks: Hooks {
                before_run: over.hooks.before_run.or(self.hooks.before_run),
                after_run: over.hooks.after_run.or(self.hooks.after_run),
                before_migration: over.hooks.before_migration.or(self.hooks.before_migration),
                after_migration: over.hooks.after_migration.or(self.hooks.after_migration),
            },
        }
    }

    pub(super) fn resolve(self, root: &std::path::Path) -> RunConfig {
        RunConfig {
            state: root.join(self.state.as_deref().unwrap_or(".migrate")),
            on_failure: self.on_failure.unwrap_or_default(),
            role: self.role,
            monitor: self.monitor,
            replicas: self.replicas.unwrap_or_default(),
            heartbeat: self.heartbeat.unwrap_or(Duration::from_secs(10)),
            max_replica_lag: self.max_replica_lag,
            max_active_sessions: self.max_active_sessions,
            max_pause: self.max_pause.unwrap_or(Duration::from_secs(600)),
            hooks: self.hooks,
        }
    }
}

pub(super) fn read(document: &mut Document, value: &Value<'_>) -> RunOptions {
    let mut run = RunOptions::default();
    let Some(table) = document.table("run", value) else {
        return run;
    };
    document.known_keys(
        table,
        &[
            "state",
            "on_failure",
            "role",
            "monitor",
            "replicas",
            "heartbeat",
            "max_replica_lag",
            "max_active_sessions",
            "max_pause",
            "hooks",
        ],
    );
    for (key, value) in table {
        let key = key.get_ref().as_ref();
        match key {
            "state" => run.state = non_empty(document, key, value),
            "on_failure" => run.on_failure = document.choice(key, value, &OnFailure::CHOICES),
            "role" => run.role = non_empty(document, key, value),
            "monitor" => run.monitor = variable(document, key, value),
            "replicas" => run.replicas = variables(document, key, value),
            "heartbeat" => run.heartbeat = positive(document, key, value),
            "max_replica_lag" => run.max_replica_lag = positive(document, key, value),
            "max_active_sessions" => run.max_active_sessions = document.count(key, value),
            "max_pause" => run.max_pause = parsed(document, key, value, parse_duration),
            "hooks" => run.hooks = hooks(document, value),
            _ => {}
        }
    }
    run
}

pub(super) fn positive(document: &mut Document, key: &str, value: &Value<'_>) -> Option<Duration> {
    let duration = parsed(document, key, value, parse_duration)?;
    if duration.is_zero() {
        document.error(value.span(), format!("`{key}` must be more than 0"));
        return None;
    }
    Some(duration)
}

fn hooks(document: &mut Document, value: &Value<'_>) -> Hooks {
    let mut hooks = Hooks::default();
    let Some(table) = document.table("hooks", value) else {
        return hooks;
    };
    document.known_keys(table, &HOOKS);
    for (key, value) in table {
        let key = key.get_ref().as_ref();
        match key {
            "before_run" => hooks.before_run = hook(document, key, value),
            "after_run" => hooks.after_run = hook(document, key, value),
            "before_migration" => hooks.before_migration = hook(document, key, value),
            "after_migration" => hooks.after_migration = hook(document, key, value),
            _ => {}
        }
    }
    hooks
}

/// A command alone, or a table with more.
fn hook(document: &mut Document, key: &str, value: &Value<'_>) -> Option<Hook> {
    let simple = |command| Hook {
        command,
        timeout: HOOK_TIMEOUT,
        on_failure: HookFailure::default(),
    };
    if value.get_ref().as_str().is_some() {
        return non_empty(document, key, value).map(simple);
    }
    let table = document.table(key, value)?;
    document.known_keys(table, &["command", "timeout", "on_failure"]);
    let command = command(document, key, table, value)?;
    let mut hook = simple(command);
    if let Some(value) = table.get("timeout") {
        hook.timeout = positive(document, "timeout", value)?;
    }
    if let Some(value) = table.get("on_failure") {
        let choices = [
            ("stop", HookFailure::Stop),
            ("continue", HookFailure::Continue),
        ];
        hook.on_failure = document.choice("on_failure", value, &choices)?;
    }
    Some(hook)
}

/// The `command` of a table that has to have one.
pub(super) fn command(
    document: &mut Document,
    key: &str,
    table: &DeTable<'_>,
    whole: &Value<'_>,
) -> Option<String> {
    match table.get("command") {
        Some(value) => non_empty(document, "command", value),
        None => {
            document.error(whole.span(), format!("`{key}` has no `command`"));
            None
        }
    }
}
