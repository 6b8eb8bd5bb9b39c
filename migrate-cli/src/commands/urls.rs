//! URLs of databases beside the one that the command is about: given as arguments, or in environment
//! variables that the configuration names.

use migrate_core::config::SetConfig;
use migrate_ops::connect::{ConnectError, DatabaseUrl};

use crate::error::CommandError;

/// A URL that was given as an argument.
pub(super) fn given(text: Option<&str>) -> Result<Option<DatabaseUrl>, CommandError> {
    let url = text.map(DatabaseUrl::parse).transpose();
    Ok(url.map_err(ConnectError::from)?)
}

/// The URL in a variable that the configuration names.
pub(super) fn named(variable: Option<&str>) -> Result<Option<DatabaseUrl>, CommandError> {
    let Some(variable) = variable else {
        return Ok(None);
    };
    let text = std::env::var(variable).map_err(|_| CommandError::NoDatabase {
        variable: variable.to_owned(),
    })?;
    let url = DatabaseUrl::parse(&text).map_err(|source| CommandError::BadVariable {
        variable: variable.to_owned(),
        source,
    })?;
    Ok(Some(url))
}

/// The URLs of replicas.
pub(super) fn replicas(config: &SetConfig) -> Result<Vec<DatabaseUrl>, CommandError> {
    let variables = config.run.replicas.iter();
    let urls = variables.map(|variable| named(Some(variable)));
    urls.filter_map(Result::transpose).collect()
}

/// The URL of the server that backups are restored on to be verified.
pub(super) fn scratch(
    argument: Option<&str>,
    config: &SetConfig,
) -> Result<Option<DatabaseUrl>, CommandError> {
    match argument {
        Some(_) => given(argument),
        None => named(config.backup.scratch.as_deref()),
    }
}
