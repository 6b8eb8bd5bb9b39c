//! Why a command stopped.

use std::io;

use migrate_core::config::NoSet;
use migrate_core::lockfile::{Disagreement, LockRefusal};
use migrate_core::{Diagnostic, Dialect, Version, visible};
use migrate_ops::backup::{BackupError, BackupId};
use migrate_ops::connect::{BadUrl, ConnectError};
use migrate_ops::drift::DriftError;
use migrate_ops::forecast::ForecastError;
use migrate_ops::rehearse::RehearseError;
use migrate_ops::reinstate::Interrupted;
use migrate_ops::validate::ValidateError;

use crate::exit::Exit;

/// Why a command stopped. Messages name databases without their passwords.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum CommandError {
    #[error(transparent)]
    Run(#[from] migrate_runtime::Error),
    /// A run that stopped because its statement was cancelled.
    #[error("cancelled: {0}")]
    Cancelled(migrate_runtime::Error),
    /// Nobody waits for the command any more.
    #[error("interrupted")]
    Abandoned,
    #[error(transparent)]
    Connect(#[from] ConnectError),
    #[error("{what}")]
    Findings {
        what: &'static str,
        diagnostics: Vec<Diagnostic>,
    },
    #[error("{}{}", .0, how_to_choose(.0))]
    NoSet(#[from] NoSet),
    #[error(
        "there is no database to connect to: give --database, or set the environment variable {variable}"
    )]
    NoDatabase { variable: String },
    #[error("the environment variable {variable} holds no database URL: {source}")]
    BadVariable { variable: String, source: BadUrl },
    #[error("--dialect says {flag}, and the program's migrations are for {embedded}")]
    EmbeddedDialect { flag: Dialect, embedded: Dialect },
    #[error(
        "{flag} chooses a migration directory, and this program carries its migrations in itself"
    )]
    Embedded { flag: &'static str },
    #[error("{what}; say --yes where there is no terminal to ask on")]
    NotConfirmed { what: String },
    #[error("not done: the answer was no")]
    Declined,
    #[error("{doing} {path}: {source}", path = visible(.path))]
    Io {
        doing: &'static str,
        path: String,
        source: io::Error,
    },
    #[error("the output cannot be written: {0}")]
    Output(io::Error),
    #[error("--format {format} is for `migrate check` only")]
    FormatOfCheck { format: &'static str },
    #[error("there is no rule `{}`{}", visible(.name), .meant.map(|meant| format!("; did you mean `{meant}`?")).unwrap_or_default())]
    UnknownRule {
        name: String,
        meant: Option<&'static str>,
    },
    #[error("`{name}` cannot be the name of a migration: {why}")]
    BadName { name: String, why: &'static str },
    #[error("version {version} is taken by {taken_by}")]
    VersionTaken { version: Version, taken_by: String },
    #[error("{}", lines(.0))]
    LockRefused(Vec<LockRefusal>),
    #[error("{}; or choose a side with --take ours, theirs or file", lines(.0))]
    Disagree(Vec<Disagreement>),
    #[error("the database cannot be {done}")]
    Database {
        done: &'static str,
        #[source]
        source: diesel::result::Error,
    },
    #[error("{0}")]
    NotADatabase(&'static str),
    #[error(
        "this program carries its migrations without their files, which a comparison with the \
         database's schema needs; run the command `migrate` beside the files"
    )]
    NoFiles,
    #[error(transparent)]
    Drift(DriftError),
    #[error(transparent)]
    Backup(BackupError),
    #[error(transparent)]
    Forecast(ForecastError),
    #[error(transparent)]
    Validate(ValidateError),
    #[error("there is no migration with version {version}")]
    NoMigration { version: Version },
    #[error("version {version} is frozen in the lock file, and its way down is part of that")]
    Frozen { version: Version },
    #[error("version {version} {has}, which stays as it is")]
    HasDown { version: Version, has: &'static str },
    #[error(transparent)]
    Rehearse(RehearseError),
    #[error("there are no runs in {}", visible(.directory))]
    NoRuns { directory: String },
    #[error("{0}")]
    RestoreInterrupted(String),
    #[error("{text}; that comes first, and `{asked}` is another backup")]
    OtherRestoreInterrupted { asked: BackupId, text: String },
    #[error("no backup is half-way in the place of this database, so there is nothing to give up")]
    NothingInterrupted,
    #[error(
        "--in-place replaces the database, so the backup has to be named; `migrate backup --list` lists them"
    )]
    WhichBackup,
    /// What a run does cannot be kept, or not be read.
    #[error(transparent)]
    RunState(#[from] migrate_ops::run_state::RunStateError),
    #[error(transparent)]
    Introspect(#[from] migrate_ops::introspect::IntrospectError),
}

impl From<DriftError> for CommandError {
    fn from(error: DriftError) -> Self {
        match error {
            // These say more as what they are: the exit code, the next command.
            DriftError::Status(error) => CommandError::Run(error),
            DriftError::Introspect(error) => CommandError::Introspect(error),
            error => CommandError::Drift(error),
        }
    }
}

impl From<BackupError> for CommandError {
    fn from(error: BackupError) -> Self {
        match error {
            BackupError::Connect(error) => CommandError::Connect(error),
            BackupError::Introspect(error) => CommandError::Introspect(error),
            error => CommandError::Backup(error),
        }
    }
}

impl From<ValidateError> for CommandError {
    fn from(error: ValidateError) -> Self {
        match error {
            ValidateError::Connect(error) => CommandError::Connect(error),
            ValidateError::History(error) => CommandError::Run(error),
            ValidateError::Introspect(error) => CommandError::Introspect(error),
            ValidateError::Stopped => CommandError::Abandoned,
            error => CommandError::Validate(error),
        }
    }
}

impl From<ForecastError> for CommandError {
    fn from(error: ForecastError) -> Self {
        match error {
            // These say more as what they are: the exit code, the next command.
            ForecastError::Run(error) => CommandError::Run(error),
            ForecastError::Introspect(error) => CommandError::Introspect(error),
            error => CommandError::Forecast(error),
        }
    }
}

impl From<RehearseError> for CommandError {
    fn from(error: RehearseError) -> Self {
        match error {
            // These say more as what they are: the exit code, the next command.
            RehearseError::Run(error) => CommandError::Run(error),
            RehearseError::Restore(error) => (*error).into(),
            RehearseError::Connect(error) => CommandError::Connect(error),
            RehearseError::Introspect(error) => CommandError::Introspect(error),
            error => CommandError::Rehearse(error),
        }
    }
}

fn how_to_choose(none: &NoSet) -> &'static str {
    match none {
        NoSet::NotChosen { .. } => "; choose one with --set NAME",
        _ => "",
    }
}

fn lines<T: ToString>(parts: &[T]) -> String {
    parts
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("\n")
}

impl CommandError {
    /// The exit code.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            CommandError::Run(error) => Exit::from(error.kind()),
            CommandError::RestoreInterrupted(_) => Exit::Failed,
            CommandError::Cancelled(_)
            | CommandError::Abandoned
            | CommandError::Rehearse(RehearseError::Stopped)
            | CommandError::Backup(BackupError::Stopped) => Exit::Interrupted,
            _ => Exit::Refused,
        }
    }

    /// The one next command, where there is one.
    pub(crate) fn next(&self) -> Option<String> {
        match self {
            CommandError::Run(error) | CommandError::Cancelled(error) => error.next(),
            CommandError::Abandoned | CommandError::Drift(DriftError::NotHere { .. }) => {
                Some("migrate status".to_owned())
            }
            CommandError::RestoreInterrupted(_) | CommandError::OtherRestoreInterrupted { .. } => {
                Some(Interrupted::NEXT.to_owned())
            }
            CommandError::WhichBackup => Some("migrate backup --list".to_owned()),
            CommandError::UnknownRule { .. } => Some("migrate check --explain".to_owned()),
            _ => None,
        }
    }

    /// What is wrong with files.
    pub(crate) fn diagnostics(&self) -> &[Diagnostic] {
        match self {
            CommandError::Findings { diagnostics, .. } => diagnostics,
            _ => &[],
        }
    }

    /// The causes, outermost first.
    pub(crate) fn causes(&self) -> Vec<String> {
        let mut causes = Vec::new();
        let mut said = self.to_string();
        let mut cause = std::error::Error::source(self);
        while let Some(error) = cause {
            let text = error.to_string();
            // Some libraries say the cause in their own message already.
            if !said.contains(&text) {
                causes.push(text.clone());
            }
            said = text;
            cause = error.source();
        }
        causes
    }
}
