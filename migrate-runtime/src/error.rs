//! Why a run stopped, what it had committed by then, and the one next command.

use std::fmt;
use std::time::Duration;

use migrate_core::plan::Refused;
use migrate_core::{Direction, Version, visible};

use crate::backend::Backend;
use crate::code::CodeError;
use crate::foreign::ForeignHistory;
use crate::obstacle::Obstacle;
use crate::report::Done;

/// Why a run stopped.
///
/// [`kind`](Error::kind) says why, [`completed`](Error::completed) what is committed all the same,
/// [`next`](Error::next) what to do.
#[derive(Debug)]
pub struct Error {
    pub(crate) kind: Box<ErrorKind>,
    pub(crate) completed: Vec<Done>,
    /// The command that was asked for.
    pub(crate) command: &'static str,
}

/// Why a run stopped.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The planner refuses.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// Another tool has a history here.
    #[error("{0}")]
    Foreign(ForeignHistory),
    /// The history of the other tool does not fit the files.
    #[error("the history of {tool} cannot be adopted: {reason}")]
    Adoption {
        /// The tool.
        tool: &'static str,
        /// Why.
        reason: String,
    },
    /// Another run holds the migration lock.
    #[error("the migration lock is held by another run{}; waited {} s", by(.holder), .waited.as_secs())]
    LockHeld {
        /// For how long this run waited.
        waited: Duration,
        /// Who holds it, as far as the database tells.
        holder: Option<String>,
    },
    /// The lock was taken, but the database does not show it.
    #[error(
        "the database says that the migration lock was taken but does not hold it; use the lease (`lock = \"lease\"`)"
    )]
    LockNotSeen,
    /// The lock is not ours any more.
    #[error("the migration lock was lost while {doing}; the work was not recorded")]
    LockLost {
        /// What was being done.
        doing: String,
    },
    /// The connection gives its statements names, and something between it and the server mixes up
    /// the names of several clients.
    #[error(
        "a transaction pooler mixes up this connection's prepared statements with those of others; connect to the server itself, or in the pooler's session mode, or with a connection that gives its statements no names and the lease (`lock = \"lease\"`): diesel's `PgConnection`, or the `migrate` command; PgBouncer keeps names apart from version 1.21 on with `max_prepared_statements`"
    )]
    MixedUpStatements {
        /// What was being done.
        doing: &'static str,
        /// What the server said.
        #[source]
        source: diesel::result::Error,
    },
    /// The lease needs a second connection to renew it while a statement runs.
    #[error(
        "{reason}, so the lease is needed, and with it a second connection to renew it: give one with `Migrator::second_connection`"
    )]
    LeaseNeedsConnection {
        /// Why a session lock does not hold.
        reason: String,
    },
    /// A script failed.
    #[error("{0}")]
    Failed(Failure),
    /// A statement was begun and nothing tells whether it happened.
    #[error("{0}")]
    Unsure(Undecided),
    /// A resumed script differs from what has already run of it.
    #[error("migration {version} cannot be resumed: statement {} of its {direction} script {} and was edited since; put it back as it was", .statement + 1, if *.done { "has already run" } else { "may have run" })]
    ResumedPrefixEdited {
        /// The version.
        version: Version,
        /// Which script.
        direction: Direction,
        /// Which statement, from 0.
        statement: usize,
        /// Whether its end is recorded, or only its start.
        done: bool,
    },
    /// A script cannot be given up, because some of it happened.
    #[error("migration {version}_{name} cannot be abandoned: {} of its {direction} script {} done and {}", numbers(.statements), if .statements.len() == 1 { "is" } else { "are" }, if .statements.len() == 1 { "stays" } else { "stay" }, name = visible(.name))]
    PartlyDone {
        /// The version.
        version: Version,
        /// The name.
        name: String,
        /// Which script.
        direction: Direction,
        /// Which statements are done, from 0; one more than there are is the Rust code.
        statements: Vec<usize>,
    },
    /// There is nothing to resume.
    #[error("nothing to resume: no migration was begun and left unfinished")]
    NothingToResume,
    /// The Rust code of a migration is not part of this program.
    #[error("migration {version}_{name} has Rust code, which only the app's own program can run{}", so_far(.direction, .to), name = visible(.name))]
    NeedsApp {
        /// The version.
        version: Version,
        /// The name.
        name: String,
        /// Which way the run was to go.
        direction: Direction,
        /// The version that this program can go to, where there is anything that it can do.
        to: Option<Version>,
    },
    /// A function that the app registers is missing.
    #[error("the {direction} script of migration {version}_{name} calls the function {function}, which this connection does not have; run it by the app that registers the function{}", so_far(.direction, .to), name = visible(.name))]
    NeedsFunction {
        /// The version.
        version: Version,
        /// The name.
        name: String,
        /// The function.
        function: String,
        /// Which way the run was to go.
        direction: Direction,
        /// The version that this program can go to, where there is anything that it can do.
        to: Option<Version>,
    },
    /// Nothing can be written.
    #[error("nothing can be written here: {0}")]
    ReadOnly(&'static str),
    /// An engine that only resembles one that is supported.
    #[error(
        "this server is {0}, which is not supported: it resembles a supported database but behaves differently where migrations are concerned"
    )]
    Engine(String),
    /// The connection is inside a transaction already, and that cannot work here.
    #[error("the connection is inside a transaction, where {0}; run migrations outside one")]
    InTransaction(String),
    /// All in one transaction is not possible.
    #[error("all migrations in one transaction is not possible: {0}")]
    NotInOneTransaction(String),
    /// A script that holds something the runner cannot run.
    #[error("{path}:{line}:{column}: {message}", path = visible(.path))]
    Script {
        /// The file.
        path: String,
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// What is wrong.
        message: String,
    },
    /// The run was asked to stop.
    #[error("stopped as asked")]
    Stopped {
        /// Whether a script was left half-way, to be resumed.
        resumable: bool,
    },
    /// The history table is not as it should be.
    #[error("the history table {table} {problem}")]
    History {
        /// The table.
        table: String,
        /// What is wrong with it, and what to do.
        problem: String,
    },
    /// New violations of foreign keys.
    #[error("migration {version}_{name} leaves rows that violate foreign keys: {}", .violations.join("; "), name = visible(.name))]
    ForeignKeys {
        /// The version.
        version: Version,
        /// The name.
        name: String,
        /// Which, one text a table and parent.
        violations: Vec<String>,
    },
    /// The database failed outside a script.
    #[error("the database failed while {doing}")]
    Database {
        /// What was being done.
        doing: &'static str,
        /// What it said.
        #[source]
        source: diesel::result::Error,
    },
}

/// What a run does when it may have changed something.
const CHANGING: [&str; 3] = ["committing", "rolling back", "writing the history"];

/// `statement 1`, `statements 1, 2, 4`: numbers from 1.
fn numbers(statements: &[usize]) -> String {
    let numbers: Vec<String> = statements
        .iter()
        .map(|index| (index + 1).to_string())
        .collect();
    format!(
        "statement{} {}",
        if numbers.len() == 1 { "" } else { "s" },
        numbers.join(", ")
    )
}

fn by(holder: &Option<String>) -> String {
    holder
        .as_ref()
        .map(|holder| format!(" ({holder})"))
        .unwrap_or_default()
}

fn so_far(direction: &Direction, to: &Option<Version>) -> String {
    match to {
        Some(version) => {
            format!("; this program can go {direction} to version {version}: `--to {version}`")
        }
        None => String::new(),
    }
}

/// A script that failed.
#[derive(Debug)]
#[non_exhaustive]
pub struct Failure {
    /// The version.
    pub version: Version,
    /// The name.
    pub name: String,
    /// Which script.
    pub direction: Direction,
    /// Its file.
    pub path: String,
    /// Which statement, from 0; `None` where it was Rust code or the commit.
    pub statement: Option<usize>,
    /// The line of the script that the statement begins in, from 1.
    pub line: usize,
    /// The statement; empty where there is none.
    pub sql: String,
    /// Whether nothing of the script remains. Otherwise the statements before this one are
    /// committed.
    pub rolled_back: bool,
    /// Whether somebody else held a lock for too long, so that the script may be right.
    pub lock_timeout: bool,
    /// What stood in the way where the script may be right for another reason.
    pub obstacle: Option<Obstacle>,
    /// What the database, or the code, said.
    pub source: CodeError,
}

impl Failure {
    /// What to do where nobody held a lock for too long.
    fn next(&self) -> String {
        let path = visible(&self.path);
        match (self.obstacle, self.rolled_back) {
            (Some(obstacle), true) => {
                let advice = obstacle.advice();
                format!("{advice} and run `migrate {}` again", self.direction)
            }
            (Some(obstacle), false) => format!("{} and run `migrate resume`", obstacle.advice()),
            (None, true) => format!("correct {path} and run `migrate {}` again", self.direction),
            (None, false) if self.statement == Some(0) => format!(
                "correct {path} and run `migrate resume`, or give it up with `migrate resume --abandon`"
            ),
            (None, false) => format!("correct {path} from there on and run `migrate resume`"),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Failure {
            version,
            name,
            direction,
            path,
            line,
            source,
            ..
        } = self;
        let (name, path) = (visible(name), visible(path));
        write!(
            f,
            "migration {version}_{name} failed on its way {direction}"
        )?;
        match self.statement {
            Some(index) => write!(f, ", statement {} at {path}:{line}: {source}", index + 1)?,
            None => write!(f, " ({path}): {source}")?,
        }
        if self.lock_timeout {
            write!(f, " (somebody else held a lock that it needs)")?;
        }
        match (self.rolled_back, self.statement) {
            (true, _) => write!(f, "; nothing of it remains"),
            (false, Some(0)) => write!(f, "; none of its statements is done"),
            (false, Some(1)) => write!(f, "; statement 1 is done and stays"),
            (false, Some(done)) => write!(f, "; statements 1 to {done} are done and stay"),
            (false, None) => write!(f, "; its statements are done and stay"),
        }
    }
}

/// A statement that was begun, and nothing tells whether it happened.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Undecided {
    /// The version.
    pub version: Version,
    /// The name.
    pub name: String,
    /// Which script.
    pub direction: Direction,
    /// Which statement, from 0.
    pub statement: usize,
    /// The line of the script that it begins in, from 1.
    pub line: usize,
    /// Its text.
    pub sql: String,
    /// What is known.
    pub evidence: String,
}

impl fmt::Display for Undecided {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "migration {}_{}: statement {} of its {} script (line {}) was begun and nothing tells \
             whether it happened: {}; look at the database, then say which",
            self.version,
            visible(&self.name),
            self.statement + 1,
            self.direction,
            self.line,
            self.evidence,
        )
    }
}

impl Error {
    /// Why the run stopped.
    pub fn kind(&self) -> &ErrorKind {
        &self.kind
    }

    /// What had been committed by then.
    pub fn completed(&self) -> &[Done] {
        &self.completed
    }

    /// The one command that comes next, where there is one.
    pub fn next(&self) -> Option<String> {
        Some(match &*self.kind {
            ErrorKind::Refused(refused) => {
                use migrate_core::plan::Refusal;
                let unfinished = |r: &Refusal| matches!(r, Refusal::Unfinished { .. });
                if !refused.0.iter().any(unfinished) {
                    return None;
                }
                "migrate resume".to_owned()
            }
            ErrorKind::Foreign(foreign) => foreign.next(),
            ErrorKind::LockHeld { .. } | ErrorKind::LockLost { .. } => "migrate status".to_owned(),
            // Where nothing was done, `status` would fail in the same way.
            ErrorKind::Database { doing, .. } | ErrorKind::MixedUpStatements { doing, .. }
                if !self.completed.is_empty() || CHANGING.contains(doing) =>
            {
                "migrate status".to_owned()
            }
            ErrorKind::Failed(failure) if failure.lock_timeout && failure.rolled_back => {
                format!("migrate {}", failure.direction)
            }
            ErrorKind::Failed(failure) if failure.lock_timeout => "migrate resume".to_owned(),
            ErrorKind::Failed(failure) => failure.next(),
            ErrorKind::PartlyDone { .. } => "migrate resume".to_owned(),
            ErrorKind::Unsure(_) if self.command == "resume --abandon" => {
                "migrate resume --abandon --assume done|not-done".to_owned()
            }
            ErrorKind::Unsure(_) => "migrate resume --assume done|not-done".to_owned(),
            ErrorKind::NeedsApp {
                direction,
                to: Some(version),
                ..
            }
            | ErrorKind::NeedsFunction {
                direction,
                to: Some(version),
                ..
            } => {
                format!("migrate {direction} --to {version}")
            }
            ErrorKind::Stopped { resumable: true } => "migrate resume".to_owned(),
            // What was reverted to be applied again still has to be.
            ErrorKind::Stopped { resumable: false }
                if self.command == "redo" && !self.completed.is_empty() =>
            {
                "migrate up".to_owned()
            }
            ErrorKind::Stopped { resumable: false } => format!("migrate {}", self.command),
            _ => return None,
        })
    }

    /// The error with what the backend makes of its cause, after `waited` in the run.
    pub(crate) fn explained(mut self, backend: &dyn Backend, waited: Duration) -> Error {
        match &mut *self.kind {
            ErrorKind::Database { source, .. } if backend.is_read_only(source) => {
                *self.kind = ErrorKind::ReadOnly(backend.why_read_only());
            }
            ErrorKind::Database { source, .. }
                if backend.lock_is_transaction() && backend.is_lock_timeout(source) =>
            {
                let holder = None;
                *self.kind = ErrorKind::LockHeld { waited, holder };
            }
            ErrorKind::Database { doing, source } if backend.mixes_up_statements(source) => {
                let doing = *doing;
                let source = std::mem::replace(source, diesel::result::Error::NotFound);
                *self.kind = ErrorKind::MixedUpStatements { doing, source };
            }
            ErrorKind::Failed(failure) => {
                let source = failure.source.downcast_ref();
                failure.lock_timeout = source.is_some_and(|source| backend.is_lock_timeout(source));
                failure.obstacle = source.and_then(|source| backend.obstacle(source));
            }
            _ => {}
        }
        self
    }

    /// The error of a command.
    pub(crate) fn of(mut self, command: &'static str) -> Error {
        self.command = command;
        self
    }

    pub(crate) fn database(doing: &'static str) -> impl FnOnce(diesel::result::Error) -> Error {
        move |source| ErrorKind::Database { doing, source }.into()
    }
}

impl From<ErrorKind> for Error {
    fn from(kind: ErrorKind) -> Self {
        Error {
            kind: Box::new(kind),
            completed: Vec::new(),
            command: "status",
        }
    }
}

impl From<Refused> for Error {
    fn from(refused: Refused) -> Self {
        ErrorKind::Refused(refused).into()
    }
}

/// How many versions a message lists; of more it has the first and the last.
const LISTED: usize = 5;

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.kind)?;
        let [first, rest @ ..] = self.completed.as_slice() else {
            return Ok(());
        };
        let direction = first.direction;
        write!(f, "; committed before that ({direction}): ")?;
        match rest {
            [.., last] if self.completed.len() > LISTED => {
                let count = self.completed.len();
                write!(
                    f,
                    "{count} migrations, {} to {}",
                    first.version, last.version
                )
            }
            _ => {
                write!(f, "{}", first.version)?;
                rest.iter()
                    .try_for_each(|done| write!(f, ", {}", done.version))
            }
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.kind.source()
    }
}
