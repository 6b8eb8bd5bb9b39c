//! How to apply.

use std::collections::BTreeSet;
use std::fmt;
use std::time::{Duration, Instant};

use migrate_core::Version;
use migrate_core::config::{Hooks, OnFailure, RunConfig};
use migrate_core::plan::UpTarget;

use crate::connect::{Cancel, DatabaseUrl};

/// How to apply.
#[derive(Clone)]
pub struct Options<'a> {
    /// How far.
    pub target: UpTarget,
    /// The command of the operator's that this is part of, for the advice what comes next.
    pub command: &'static str,
    /// What to watch the database through, where it is not its own URL: another user, as one with
    /// the rights of `pg_monitor` or PROCESS.
    pub monitor: Option<&'a DatabaseUrl>,
    /// Replicas that are asked themselves how far they are behind. The configuration names
    /// environment variables for them; they are not read here.
    pub replicas: Vec<DatabaseUrl>,
    /// The role to run as (`SET ROLE`).
    pub role: Option<String>,
    /// How often at least something is said while a statement runs.
    pub heartbeat: Duration,
    /// When no further statement may begin.
    pub window_ends: Option<Instant>,
    /// What makes the run pause.
    pub limits: Limits,
    /// Commands that run along.
    pub hooks: Hooks,
    /// What happens where a migration fails.
    pub on_failure: OnFailure,
    /// What a rollback may do.
    pub rollback: RollbackOptions,
    /// Is given the means to cancel what runs, once there is a connection.
    pub on_connect: Option<&'a (dyn Fn(Cancel) + Sync)>,
}

/// What makes a run pause, between statements that share no transaction.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// The replica that is furthest behind may be so far behind.
    pub replica_lag: Option<Duration>,
    /// So many sessions may run a statement.
    pub active_sessions: Option<u64>,
    /// The longest pause, after which the run stops.
    pub pause: Duration,
}

impl Limits {
    /// Whether anything is limited.
    pub(super) fn any(&self) -> bool {
        self.replica_lag.is_some() || self.active_sessions.is_some()
    }
}

/// What a rollback may do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RollbackOptions {
    /// Whose downs have been tried.
    pub rehearsed: Rehearsed,
    /// Whether downs may throw data away that is there now.
    pub accept_loss: bool,
}

/// Whose downs have been tried on a copy, up and down and up again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rehearsed {
    /// These; others are not run.
    Only(BTreeSet<Version>),
    /// It does not matter: somebody said so.
    Waived,
}

impl Default for Rehearsed {
    fn default() -> Self {
        Rehearsed::Only(BTreeSet::new())
    }
}

impl Rehearsed {
    /// Whether the down of a version may be run.
    pub fn allows(&self, version: &Version) -> bool {
        match self {
            Rehearsed::Only(versions) => versions.contains(version),
            Rehearsed::Waived => true,
        }
    }
}

impl Options<'_> {
    /// What is configured. The URL that the configuration names for the monitor is not read here:
    /// it stands in the environment.
    pub fn of(config: &RunConfig) -> Self {
        Options {
            target: UpTarget::Latest,
            command: "migrate run",
            monitor: None,
            replicas: Vec::new(),
            role: config.role.clone(),
            heartbeat: config.heartbeat,
            window_ends: None,
            limits: Limits {
                replica_lag: config.max_replica_lag,
                active_sessions: config.max_active_sessions.map(u64::from),
                pause: config.max_pause,
            },
            hooks: config.hooks.clone(),
            on_failure: config.on_failure,
            rollback: RollbackOptions::default(),
            on_connect: None,
        }
    }
}

impl fmt::Debug for Options<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("target", &self.target)
            .field("role", &self.role)
            .field("limits", &self.limits)
            .field("on_failure", &self.on_failure)
            .field("rollback", &self.rollback)
            .finish_non_exhaustive()
    }
}
