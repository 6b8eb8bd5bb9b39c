//! What `migrate rehearse` takes.

use clap::Args;
use migrate_core::Version;

use super::HistoryArgs;
use super::backup::BackupsArgs;

#[derive(Args, Clone, Debug)]
pub(crate) struct RehearseArgs {
    /// On this backup, restored on a private server [default: the newest one of this database].
    #[arg(long, value_name = "BACKUP", conflicts_with = "staging")]
    pub(crate) backup: Option<String>,
    /// On an empty database on a private server, to which is applied first what the database has.
    #[arg(long, conflicts_with_all = ["staging", "backup"])]
    pub(crate) empty: bool,
    /// On this database of a staging server; it stays as the last way leaves it.
    #[arg(long, value_name = "URL")]
    pub(crate) staging: Option<String>,
    /// The staging database may be on the server of the database itself, where a rehearsal takes
    /// its time, its disk and its locks.
    #[arg(long, requires = "staging")]
    pub(crate) same_server: bool,
    /// Keep the private copy and its server, as the last way leaves it. Where its URL is and how to
    /// remove it is told at the end.
    #[arg(long, conflicts_with = "staging")]
    pub(crate) keep: bool,
    /// The newest version to apply.
    #[arg(long, value_name = "VERSION", value_parser = Version::parse)]
    pub(crate) to: Option<Version>,
    #[command(flatten)]
    pub(crate) backups: BackupsArgs,
    #[command(flatten)]
    pub(crate) history: HistoryArgs,
}
