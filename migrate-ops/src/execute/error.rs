//! Why applying ended otherwise than well.

use crate::connect::ConnectError;
use crate::run_state::RunStateError;

/// Why applying ended otherwise than well.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExecuteError {
    /// A migration failed, or the migrator refused or was stopped.
    #[error(transparent)]
    Run(#[from] migrate_runtime::Error),
    /// There is no connection.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// What happens could not be written down, so nothing further was done.
    #[error(transparent)]
    State(#[from] RunStateError),
    /// The role cannot be taken on.
    #[error("cannot run as the role {role}")]
    Role {
        /// The role.
        role: String,
        /// What the database said.
        #[source]
        source: diesel::result::Error,
    },
    /// The database has no roles.
    #[error("SQLite has no roles; leave out `role`")]
    NoRoles,
    /// It cannot be found out which rights are missing.
    #[error("cannot look which rights are missing")]
    Rights {
        /// What the database said.
        #[source]
        source: diesel::result::Error,
    },
    /// A limit is configured that nothing can be measured by.
    #[error("`{limit}` is configured and cannot be measured: {why}")]
    Unmeasurable {
        /// The key of `migrate.toml`.
        limit: &'static str,
        /// Why, and what to do.
        why: String,
    },
    /// It cannot be found out who follows.
    #[error("cannot look which replicas follow")]
    Replicas {
        /// What the database said.
        #[source]
        source: diesel::result::Error,
    },
    /// The window is over.
    #[error("the window is over; stopped before the next statement")]
    Window,
    /// A pause lasted too long.
    #[error("the pause lasted too long: {0}")]
    Pause(String),
    /// A hook failed.
    #[error("{0}; stopped as configured")]
    Hook(String),
}
