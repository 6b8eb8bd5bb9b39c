//! What the exit code of the command says.

use std::process::ExitCode;

use migrate_runtime::ErrorKind;
use migrate_runtime::core::plan::{Refusal, Refused};

/// The exit code of every command.
///
/// ```
/// assert_eq!(migrate_cli::Exit::LockHeld.code(), 4);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Exit {
    /// Done, or nothing to do.
    Done = 0,
    /// A check that was asked for found something: `check`, `verify`, `status --check`.
    Findings = 1,
    /// Usage, configuration, files, connection, or a run that was refused before it began.
    Refused = 2,
    /// A migration failed, or one that failed earlier has to be resumed.
    Failed = 3,
    /// Another run holds the migration lock.
    LockHeld = 4,
    /// Validation after the run failed.
    Invalid = 5,
    /// Interrupted: Ctrl-C or SIGTERM.
    Interrupted = 130,
}

impl Exit {
    /// Every exit code, in order.
    pub const ALL: [Exit; 7] = [
        Exit::Done,
        Exit::Findings,
        Exit::Refused,
        Exit::Failed,
        Exit::LockHeld,
        Exit::Invalid,
        Exit::Interrupted,
    ];

    /// The number.
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// One line for help texts.
    pub const fn meaning(self) -> &'static str {
        match self {
            Exit::Done => "done",
            Exit::Findings => "findings, pending migrations or drift, where a check was asked for",
            Exit::Refused => "usage, configuration, files or connection; nothing was run",
            Exit::Failed => "a migration failed",
            Exit::LockHeld => "the migration lock is held by another run",
            Exit::Invalid => "validation failed",
            Exit::Interrupted => "interrupted",
        }
    }

    /// The table at the end of every help text.
    pub(crate) fn table() -> String {
        let mut table = String::from("Exit codes:\n");
        for exit in Exit::ALL {
            table.push_str(&format!("  {:>3}  {}\n", exit.code(), exit.meaning()));
        }
        table
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit.code())
    }
}

impl From<&ErrorKind> for Exit {
    fn from(kind: &ErrorKind) -> Self {
        match kind {
            ErrorKind::Refused(Refused(refusals))
                if refusals
                    .iter()
                    .any(|r| matches!(r, Refusal::Unfinished { .. })) =>
            {
                Exit::Failed
            }
            ErrorKind::Failed(_)
            | ErrorKind::Unsure(_)
            | ErrorKind::ResumedPrefixEdited { .. }
            | ErrorKind::PartlyDone { .. }
            | ErrorKind::ForeignKeys { .. }
            | ErrorKind::LockLost { .. } => Exit::Failed,
            ErrorKind::LockHeld { .. } => Exit::LockHeld,
            ErrorKind::Stopped { .. } => Exit::Interrupted,
            _ => Exit::Refused,
        }
    }
}
