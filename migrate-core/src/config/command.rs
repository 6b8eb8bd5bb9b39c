//! Commands of the operator's that the shell is given.

use std::time::Duration;

use super::options::non_empty;
use super::run::{command, positive};
use crate::document::{Document, Value};

/// A command of the operator's that the shell is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShellCommand {
    /// What the shell is given.
    pub command: String,
    /// How long it may take; by default 10 minutes.
    pub timeout: Duration,
}

impl ShellCommand {
    /// One with the default time.
    ///
    /// ```
    /// let smoke = migrate_core::config::ShellCommand::new("./smoke-test");
    /// assert_eq!(smoke.timeout.as_secs(), 600);
    /// ```
    pub fn new(command: impl Into<String>) -> Self {
        ShellCommand {
            command: command.into(),
            timeout: Duration::from_secs(600),
        }
    }
}

/// A command alone, or a table with more.
pub(super) fn read(document: &mut Document, key: &str, value: &Value<'_>) -> Option<ShellCommand> {
    if value.get_ref().as_str().is_some() {
        return non_empty(document, key, value).map(ShellCommand::new);
    }
    let table = document.table(key, value)?;
    document.known_keys(table, &["command", "timeout"]);
    let mut read = ShellCommand::new(command(document, key, table, value)?);
    if let Some(value) = table.get("timeout") {
        read.timeout = positive(document, "timeout", value)?;
    }
    Some(read)
}
