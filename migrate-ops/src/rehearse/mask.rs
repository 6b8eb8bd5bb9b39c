//! Hiding personal data in a copy before anything else reads it.

use std::fs;
use std::path::{Path, PathBuf};

use diesel::connection::SimpleConnection as _;
use migrate_core::config::ShellCommand;
use migrate_core::split::split;
use migrate_core::{line_column, normalise, redact};

use super::error::RehearseError;
use crate::connect::{DatabaseUrl, Engine};
use crate::shell;

/// What hides personal data in a copy; the script comes first. By default nothing does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mask {
    /// A script of SQL.
    pub script: Option<PathBuf>,
    /// A command, which finds the copy's URL in `MIGRATE_COPY_URL`.
    pub command: Option<ShellCommand>,
    /// The environment variable in which programs find the database itself: the command finds the
    /// copy in it, so that it does not mask the database by mistake. `DATABASE_URL` always is one.
    pub variable: Option<String>,
}

impl Mask {
    /// Whether nothing hides anything.
    pub fn is_nothing(&self) -> bool {
        self.script.is_none() && self.command.is_none()
    }
}

/// Masks a copy, and says what did.
pub(super) fn mask<DB: Engine>(
    mask: &Mask,
    url: &DatabaseUrl,
    conn: &mut DB::Connection,
    stop: impl FnMut() -> bool,
) -> Result<Option<String>, RehearseError> {
    let mut by = Vec::new();
    if let Some(path) = &mask.script {
        run_script::<DB>(path, conn)?;
        by.push(path.display().to_string());
    }
    if let Some(command) = &mask.command {
        run_command(command, mask.variable.as_deref(), url, stop)?;
        by.push(format!("the command {}", redact::urls(&command.command)));
    }
    Ok((!by.is_empty()).then(|| by.join(" and ")))
}

/// Runs a script of SQL on the copy, statement by statement.
fn run_script<DB: Engine>(path: &Path, conn: &mut DB::Connection) -> Result<(), RehearseError> {
    let text = fs::read_to_string(path).map_err(|source| RehearseError::MaskFile {
        path: path.to_owned(),
        source,
    })?;
    let text = normalise(&text);
    for statement in &split(&text, DB::DIALECT).statements {
        conn.batch_execute(statement.text(&text))
            .map_err(|source| RehearseError::Mask {
                path: path.to_owned(),
                line: line_column(&text, statement.span.start).0,
                source,
            })?;
    }
    Ok(())
}

/// Runs a command that is told of the copy by its environment, which no other user can read. What it
/// writes is not repeated: it may be what is to be hidden.
fn run_command(
    command: &ShellCommand,
    variable: Option<&str>,
    url: &DatabaseUrl,
    stop: impl FnMut() -> bool,
) -> Result<(), RehearseError> {
    let names = ["MIGRATE_COPY_URL", "DATABASE_URL"];
    let names = names.into_iter().chain(variable);
    let environment: Vec<(&str, String)> = names.map(|it| (it, url.with_password())).collect();
    let ran = shell::run(&command.command, command.timeout, &environment, url, stop);
    match ran.failure(command.timeout) {
        None => Ok(()),
        Some(failure) => Err(RehearseError::MaskCommand {
            command: redact::urls(&command.command),
            failure,
        }),
    }
}
