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
    /// How long a statement may take; a check that takes longer was not made. Not on SQLite
    /// [default: what migrate.toml says, or 5min].
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    pub(crate) statement_timeout: Option<Duration>,
    /// How many times slower than before a query of `queries/` may be [default: what migrate.toml
    /// says, or 1.5].
    #[arg(long, value_name = "TIMES")]
    pub(crate) slower: Option<f64>,
    /// Run this command of the application's last, a smoke test: where it does not end with 0, the
    /// validation fails [default: what migrate.toml says, or none].
    #[arg(long, value_name = "COMMAND")]
    pub(crate) command: Option<String>,
    /// Run no command, whatever migrate.toml says.
    #[arg(long, conflicts_with = "command")]
    pub(crate) no_command: bool,
    /// Refresh the statistics of the tables that the run touched [default: what migrate.toml says,
    /// or false].
    #[arg(long, value_name = "WHETHER", num_args = 0..=1, require_equals = true,
          default_missing_value = "true")]
    pub(crate) analyze: Option<bool>,
    /// Give back the space of dead rows in the tables that the run touched, as far as that keeps
    /// nobody away [default: what migrate.toml says, or false].
    #[arg(long, value_name = "WHETHER", num_args = 0..=1, require_equals = true,
          default_missing_value = "true")]
    pub(crate) vacuum: Option<bool>,
    /// Show the keys of rows that are not as they should be, instead of hashes of them.
    #[arg(long)]
    pub(crate) show_values: bool,
    /// Show the checks that passed too.
    #[arg(long)]
    pub(crate) all: bool,
    #[command(flatten)]
    pub(crate) history: HistoryArgs,
}
