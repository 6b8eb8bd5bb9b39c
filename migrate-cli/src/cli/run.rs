//! `migrate run`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use migrate_core::Version;
use migrate_core::config::{OnFailure, parse_duration};

use super::args::HistoryArgs;

/// What happens where a migration fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum OnFailureArg {
    /// The run stops; what is committed stays.
    Stop,
    /// What this run has applied is reverted by its down scripts, which the rehearsal has tried.
    Rollback,
    /// The backup of this run is put in the place of the database, which is kept under another name; refused
    /// where others wrote since, or where that cannot be known.
    Restore,
}

impl From<OnFailureArg> for OnFailure {
    fn from(arg: OnFailureArg) -> Self {
        match arg {
            OnFailureArg::Stop => OnFailure::Stop,
            OnFailureArg::Rollback => OnFailure::Rollback,
            OnFailureArg::Restore => OnFailure::Restore,
        }
    }
}

#[derive(Args, Clone, Debug)]
pub(crate) struct SafeRunArgs {
    /// The newest version to apply.
    #[arg(long, value_name = "VERSION", value_parser = Version::parse)]
    pub(crate) to: Option<Version>,
    /// What applying, validating and rolling back have to fit into, as in `30min`. No statement
    /// begins after it.
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    pub(crate) window: Option<Duration>,
    /// Rehearse on this database instead of a restored copy on a private server. It is used as it
    /// is, and keeps what the rehearsal leaves in it.
    #[arg(long, value_name = "URL", conflicts_with = "no_rehearsal")]
    pub(crate) staging: Option<String>,
    /// Restore the backup on this server to verify it, in a database that is dropped afterwards
    /// [default: a private server, started from the programs on this machine].
    #[arg(long, value_name = "URL")]
    pub(crate) scratch: Option<String>,
    /// Make no backup, for this reason.
    #[arg(long, value_name = "REASON")]
    pub(crate) no_backup: Option<String>,
    /// Hold no rehearsal, for this reason.
    #[arg(long, value_name = "REASON")]
    pub(crate) no_rehearsal: Option<String>,
    /// Go on although the plan says no-go, for this reason.
    #[arg(long, value_name = "REASON")]
    pub(crate) go_anyway: Option<String>,
    /// What happens where a migration or the validation fails [default: what migrate.toml says, or `stop`].
    #[arg(long, value_enum, value_name = "WHAT")]
    pub(crate) on_failure: Option<OnFailureArg>,
    /// A rollback may run down scripts that throw data away.
    #[arg(long)]
    pub(crate) accept_loss: bool,
    /// Write report.html, report.md and report.json into this folder.
    #[arg(long, value_name = "PATH")]
    pub(crate) report: Option<PathBuf>,
    /// Write every event as a line of JSON into this file.
    #[arg(long, value_name = "FILE")]
    pub(crate) events: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) history: HistoryArgs,
}
