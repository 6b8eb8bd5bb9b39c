//! `migrate plan`.

use std::time::Duration;

use clap::Args;
use migrate_core::Version;
use migrate_core::config::parse_duration;

use super::args::HistoryArgs;

#[derive(Args, Clone, Debug)]
pub(crate) struct PlanArgs {
    /// The newest version to apply.
    #[arg(long, value_name = "VERSION", value_parser = Version::parse)]
    pub(crate) to: Option<Version>,
    /// What applying, validating and rolling back have to fit into, as in `30min`.
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    pub(crate) window: Option<Duration>,
    /// Print a script to run by hand with the database's own client instead.
    ///
    /// It records the migrations as `migrate up` does, and stops where it has run before.
    #[arg(long)]
    pub(crate) sql: bool,
    #[command(flatten)]
    pub(crate) history: HistoryArgs,
}
