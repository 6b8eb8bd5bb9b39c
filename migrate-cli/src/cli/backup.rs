//! `migrate backup` and `migrate restore`.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, ValueEnum, value_parser};

/// How a backup is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum KindArg {
    /// The database, as the database's own program dumps it.
    Logical,
    /// The files of the whole server, and its log behind them: it can be rolled forward.
    Physical,
}

/// How much of a backup is restored and compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum VerifyArg {
    /// Everything is restored elsewhere, and every table compared.
    Full,
    /// Everything is restored elsewhere, and a share of the tables compared. It is not called verified.
    Sampled,
    /// Nothing.
    None,
}

/// Where backups are.
#[derive(Args, Clone, Debug)]
pub(crate) struct BackupsArgs {
    /// The folder of the backups [default: what migrate.toml says, or `.migrate/backups`].
    #[arg(long, value_name = "PATH")]
    pub(crate) directory: Option<PathBuf>,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct BackupArgs {
    #[command(flatten)]
    pub(crate) backups: BackupsArgs,
    /// How the backup is made [default: what migrate.toml says, or `logical`].
    #[arg(long, value_enum, value_name = "KIND")]
    pub(crate) kind: Option<KindArg>,
    /// How many backups of this database to keep; the newest verified one is kept besides.
    #[arg(long, value_name = "N")]
    pub(crate) keep: Option<NonZeroUsize>,
    /// How much of the backup is restored and compared.
    #[arg(long, value_enum, value_name = "LEVEL")]
    pub(crate) verify: Option<VerifyArg>,
    /// Of how many percent of the tables a sample is [default: what migrate.toml says, or 20].
    #[arg(long, value_name = "PERCENT", value_parser = value_parser!(u8).range(1..=100))]
    pub(crate) sample: Option<u8>,
    /// The server to restore it on, in a database that is dropped afterwards [default: a private
    /// server, started from the programs on this machine].
    #[arg(long, value_name = "URL")]
    pub(crate) scratch: Option<String>,
    /// Only look whether a backup can be made, and what it is expected to take.
    #[arg(long, conflicts_with = "list")]
    pub(crate) dry_run: bool,
    /// List the backups that are there.
    #[arg(long)]
    pub(crate) list: bool,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct RestoreArgs {
    /// Which backup [default: the newest one of this database].
    #[arg(value_name = "BACKUP")]
    pub(crate) backup: Option<String>,
    /// Restore into a new database of this name on the same server; on SQLite into a new file.
    #[arg(long = "as", value_name = "NAME")]
    pub(crate) new_name: Option<String>,
    /// Put the backup in the place of the database itself: writers are fenced, it is found out whether anybody
    /// wrote since the backup, the backup is restored beside and compared, and the two change places. The old
    /// database is kept under another name. What was interrupted is gone on with.
    #[arg(long, conflicts_with = "new_name")]
    pub(crate) in_place: bool,
    /// With --in-place: what others wrote since this backup may be lost; it names the backup that is restored.
    #[arg(long, value_name = "BACKUP", requires = "in_place")]
    pub(crate) lose_writes_since: Option<String>,
    /// With --in-place: give up what was interrupted. The fence is taken away, the database stays as it is.
    #[arg(long, requires = "in_place", conflicts_with_all = ["backup", "lose_writes_since"])]
    pub(crate) abandon: bool,
    /// Roll a physical backup forward to this moment: a run means just before its first statement; or
    /// a time, as `2026-03-01T12:34:56Z`; or a place in the server's log, as `0/16B3748` or
    /// `mariadb-bin.000007:1234` [default: the moment that the backup is of].
    #[arg(long, value_name = "MOMENT", conflicts_with = "in_place")]
    pub(crate) until: Option<String>,
    /// Make a data directory of a physical backup, for a server to be started on. No server is
    /// stopped or changed.
    #[arg(long, value_name = "PATH", conflicts_with_all = ["new_name", "in_place"])]
    pub(crate) data_directory: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) backups: BackupsArgs,
}
