//! `migrate report`.

use std::path::PathBuf;

use clap::Args;
use migrate_ops::run_state::RunId;

#[derive(Args, Clone, Debug)]
pub(crate) struct ReportArgs {
    /// The run, as --list names it [default: the newest one].
    #[arg(value_name = "RUN", conflicts_with = "list")]
    pub(crate) run: Option<RunId>,
    /// List the runs that there are.
    #[arg(long, conflicts_with_all = ["html", "markdown", "json", "output"])]
    pub(crate) list: bool,
    /// As a page for a browser, in one file.
    #[arg(long, group = "form")]
    pub(crate) html: bool,
    /// As Markdown; what is written where nothing is said.
    #[arg(long, group = "form")]
    pub(crate) markdown: bool,
    /// As JSON.
    #[arg(long, group = "form")]
    pub(crate) json: bool,
    /// Write it to a file, whose end (.html, .md, .json) says how where no flag does.
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}
