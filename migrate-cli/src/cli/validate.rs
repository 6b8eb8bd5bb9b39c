//! `migrate validate`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use migrate_core::config::parse_duration;

use super::args::HistoryArgs;

#[derive(Args, Clone, Debug)]
pub(crate) struct ValidateArgs {
    /// Write what only a comparison can use to this file, and look at nothing: before a run.
    #[arg(long, value_name = "FILE", conflicts_with = "before")]
    pub(crate) record: Option<PathBuf>,
    /// Compare with what --record has written before the run.
    #[arg(long, value_name = "FILE")]
    pub(crate) before: Option<PathBuf>,
    /// How long a statement may take; a check that takes longer was not made. Not on SQLite.
    #[arg(long, value_name = "TIME", value_parser = parse_duration, default_value = "5min")]
    pub(crate) statement_timeout: Duration,
    /// How many times slower than before a query of `queries/` may be.
    #[arg(long, value_name = "TIMES", default_value_t = 1.5)]
    pub(crate) slower: f64,
    /// Show the keys of rows that are not as they should be, instead of hashes of them.
    #[arg(long)]
    pub(crate) show_values: bool,
    /// Show the checks that passed too.
    #[arg(long)]
    pub(crate) all: bool,
    #[command(flatten)]
    pub(crate) history: HistoryArgs,
}
