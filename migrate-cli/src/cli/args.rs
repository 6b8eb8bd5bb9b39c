//! The commands and their options.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use migrate_core::config::parse_duration;
use migrate_core::{Dialect, Version};

use super::backup::{BackupArgs, RestoreArgs};
use super::help::{self, after};
use super::plan::PlanArgs;
use super::rehearse::RehearseArgs;
use super::report::ReportArgs;
use super::run::SafeRunArgs;
use super::validate::ValidateArgs;
use super::{AssumeArg, Color, Format, LockArg, SideArg, Take, ToolArg, TransactionArg};

/// Database migrations that are checked before they run.
///
/// Reads migrations from a directory, checks them, and applies or reverts them on PostgreSQL, MySQL,
/// MariaDB and SQLite. migrate.toml says where things are; flags override it.
#[derive(Debug, Parser)]
#[command(
    name = "migrate",
    version,
    after_long_help = after(help::MIGRATE),
    disable_help_subcommand = true,
    max_term_width = 100
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Options of every command.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Global {
    /// The migration directory [default: what migrate.toml says, or `migrations`].
    #[arg(long, global = true, value_name = "PATH")]
    pub(crate) dir: Option<PathBuf>,
    /// The configuration file [default: migrate.toml here or in a directory above].
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// The set of migrations, one of [sets] in migrate.toml.
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) set: Option<String>,
    /// The database: postgres://, mysql://, mariadb://, sqlite:// or the path of a SQLite file
    /// [default: the environment variable that migrate.toml names, or DATABASE_URL].
    ///
    /// TLS on PostgreSQL: ?sslmode=disable|prefer|require|verify-ca|verify-full, with sslrootcert,
    /// sslcert and sslkey; on MySQL: ?ssl-mode=disabled|preferred|required|verify_identity, with
    /// ssl-ca, ssl-cert and ssl-key. Give a password through the environment, where other users of
    /// the machine do not see it.
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) database: Option<String>,
    /// postgres, mysql (also for MariaDB) or sqlite [default: what migrate.toml or the URL says].
    #[arg(long, global = true, value_name = "DIALECT")]
    pub(crate) dialect: Option<Dialect>,
    /// How results are written.
    #[arg(long, global = true, value_enum, default_value_t)]
    pub(crate) format: Format,
    /// When to use colours.
    #[arg(long, global = true, value_enum, value_name = "WHEN", default_value_t)]
    pub(crate) color: Color,
    /// Say nothing but errors.
    #[arg(long, short, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Say more: every statement.
    #[arg(long, short, global = true)]
    pub(crate) verbose: bool,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Write the files of a new migration.
    ///
    /// The files follow the layout of the directory. Where there is a lock file, the migration gets
    /// a draft line: it is checked in full and may be edited until `migrate lock` freezes it.
    #[command(after_long_help = after(help::NEW))]
    New(NewArgs),
    /// Check the migrations without a database.
    ///
    /// Reports everything that is wrong, not only the first thing. Exits with 1 where there is an
    /// error.
    #[command(after_long_help = after(help::CHECK))]
    Check(CheckArgs),
    /// Print the schema that the migrations make.
    ///
    /// No database is asked: the schema is what the scripts say. What is not known for certain is
    /// named on stderr.
    #[command(after_long_help = after(help::SCHEMA))]
    Schema(SchemaArgs),
    /// Freeze the migrations in migrate.lock.
    ///
    /// A frozen migration is vouched for: editing it is an error. Resolves the conflict markers that
    /// a merge leaves in the lock file.
    #[command(after_long_help = after(help::LOCK))]
    Lock(LockArgs),
    /// Show what is applied and what is pending.
    ///
    /// Never writes to the database and needs no right but to read.
    #[command(after_long_help = after(help::STATUS))]
    Status(StatusArgs),
    /// Apply pending migrations.
    ///
    /// All of them, or up to --to, or so many as --count says. Takes the migration lock, and
    /// records every migration together with its effect where the database can do that.
    #[command(after_long_help = after(help::UP))]
    Up(UpArgs),
    /// Try pending migrations on a copy: up, down, up.
    ///
    /// Measures each statement, and compares schema and data after the way down with those before.
    /// On a private copy it then writes rows that only the new schema allows, and reverts once more: a
    /// way down that fails on them is a risk for a rollback. The copy goes when the command ends,
    /// unless --keep is given. Exits with 5 where a way fails or does not bring back
    /// what was there.
    #[command(after_long_help = after(help::REHEARSE))]
    Rehearse(RehearseArgs),
    /// The whole step: analyse, back up, rehearse, plan, apply, report.
    ///
    /// Nothing is changed before a backup was made, restored and compared, the migrations were
    /// tried on that copy (up, down, up), and the plan says go. What was done is kept in the state
    /// directory, a step at a time.
    #[command(after_long_help = after(help::RUN))]
    Run(SafeRunArgs),
    /// Revert the newest migration.
    ///
    /// Reverting more than one asks first, and needs --yes where there is no terminal.
    #[command(after_long_help = after(help::DOWN))]
    Down(DownArgs),
    /// Revert the newest migration and apply it again.
    #[command(after_long_help = after(help::REDO))]
    Redo(RedoArgs),
    /// Finish a migration that stopped half-way.
    ///
    /// Goes on at the first statement that did not happen. Where nothing tells whether a statement
    /// happened, look at the database and say so with --assume. A migration whose first statement
    /// failed can also be given up with --abandon.
    #[command(after_long_help = after(help::RESUME))]
    Resume(ResumeArgs),
    /// Record migrations as applied without running them.
    ///
    /// For a database that was made by other means: everything up to --to is taken to be there.
    #[command(after_long_help = after(help::BASELINE))]
    Baseline(BaselineArgs),
    /// Take over the history of another tool.
    ///
    /// Compares the other tool's history with the files, and records what it has applied. The other
    /// tool's table stays as it is.
    #[command(after_long_help = after(help::ADOPT))]
    Adopt(AdoptArgs),
    /// Compare the history with the files.
    ///
    /// Exits with 1 where an applied migration was edited, is missing, or is not finished.
    #[command(after_long_help = after(help::VERIFY))]
    Verify(VerifyArgs),
    /// Compare the database's schema with what its applied migrations make.
    ///
    /// Exits with 1 where something differs.
    #[command(after_long_help = after(help::DRIFT))]
    Drift(DriftArgs),
    /// Say what applying the pending migrations will do.
    ///
    /// What each statement locks and for how long, whom that keeps away, how much work it is, what
    /// can be taken back, and who is in the way now. Never writes to the database and needs no right
    /// but to read. Exits with 1 where something speaks against going.
    #[command(after_long_help = after(help::PLAN))]
    Plan(PlanArgs),
    /// Make a backup of the database, restore it elsewhere, and compare every table.
    ///
    /// The database's own program dumps it (pg_dump, mariadb-dump); SQLite copies itself. The copy is
    /// compared with what the tables held at the snapshot of the dump, whoever writes meanwhile. Exits
    /// with 5 where the backup cannot be restored or differs.
    ///
    /// A physical backup is of the whole server (pg_basebackup, mariadb-backup) and keeps its log, so
    /// that it can be rolled forward; it is recovered on a private server to be compared.
    #[command(after_long_help = after(help::BACKUP))]
    Backup(BackupArgs),
    /// Restore a backup into an empty database, or beside as a new one.
    ///
    /// A database that holds anything is refused. From a physical backup one database is taken with
    /// `--as`, or a data directory is made for a whole server; `--until` says as of which moment.
    #[command(after_long_help = after(help::RESTORE))]
    Restore(RestoreArgs),
    /// Look whether data and schema are as they should be.
    ///
    /// Counts every table, looks at every row for foreign keys without a parent, equal keys and
    /// broken checks whatever the catalogue says, and for indexes, triggers, sequences and views that
    /// do not work. Beside the migrations it runs `checks/*.sql` (queries that must return no rows),
    /// the `verify.sql` of the migrations of the run, and `queries/*.sql` (timed against before), and
    /// last a smoke test of the application's. Writes to the database only where --analyze or
    /// --vacuum ask for it. Exits with 5 where a check failed.
    #[command(after_long_help = after(help::VALIDATE))]
    Validate(ValidateArgs),
    /// Tell what a run did, as a page, as Markdown or as JSON.
    ///
    /// Reads what the run wrote down, whether it ended well, failed or was killed; no database is
    /// asked.
    #[command(after_long_help = after(help::REPORT))]
    Report(ReportArgs),
    /// Print what differs between two schemas.
    ///
    /// A schema is that of the migrations (`migrations`), of the database (`database`), of another
    /// database (its URL, or the path of a SQLite file) or of a file of SQL (`schema.sql`,
    /// `file:PATH`). Each difference says how the first is not as the second. Exits with 1 where
    /// something differs and --check is given.
    #[command(after_long_help = after(help::DIFF))]
    Diff(DiffArgs),
    /// Create or drop the database itself.
    #[command(after_long_help = after(help::DATABASE), subcommand)]
    Database(DatabaseCommand),
}

/// Where the history is.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "History")]
pub(crate) struct HistoryArgs {
    /// The schema of the history table.
    #[arg(long, value_name = "NAME")]
    pub(crate) history_schema: Option<String>,
    /// The name of the history table.
    #[arg(long, value_name = "NAME")]
    pub(crate) history_table: Option<String>,
}

/// How to run.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Run")]
pub(crate) struct RunArgs {
    /// Change nothing; print the exact SQL that would be sent.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Which lock keeps two runs apart.
    #[arg(long, value_enum, value_name = "KIND")]
    pub(crate) lock: Option<LockArg>,
    /// How long to wait for another run to finish, as in `2min`.
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    pub(crate) lock_wait: Option<Duration>,
    /// How long one attempt of a statement may wait for a lock on a table, as in `5s`.
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    pub(crate) lock_timeout: Option<Duration>,
    /// How much is one transaction.
    #[arg(long, value_enum, value_name = "SCOPE")]
    pub(crate) transaction: Option<TransactionArg>,
    #[command(flatten)]
    pub(crate) history: HistoryArgs,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct NewArgs {
    /// What the migration does, as in `create_authors`.
    #[arg(required_unless_present = "down")]
    pub(crate) name: Option<String>,
    /// Its version [default: the time in UTC, or the next number where versions are short].
    #[arg(long, value_name = "VERSION", value_parser = Version::parse)]
    pub(crate) version: Option<Version>,
    /// Write the way from the migrations' schema to that of the database, and back.
    #[arg(long, conflicts_with = "sql")]
    pub(crate) from_diff: bool,
    /// With --from-diff: the schema to reach is that of a file of SQL, not of the database.
    #[arg(long, value_name = "FILE", requires = "from_diff")]
    pub(crate) schema: Option<PathBuf>,
    /// The up script; `-` reads it from stdin. The down script is proposed.
    #[arg(long, value_name = "SQL")]
    pub(crate) sql: Option<String>,
    /// Propose the down script of a draft that has none yet, from its up script.
    #[arg(
        long,
        value_name = "VERSION",
        value_parser = Version::parse,
        conflicts_with_all = ["name", "version", "from_diff", "sql"]
    )]
    pub(crate) down: Option<Version>,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct CheckArgs {
    /// Also refuse migrations that are not frozen in migrate.lock.
    #[arg(long)]
    pub(crate) locked: bool,
    /// Check nothing; print the page about a rule, or without a name the list of all rules.
    #[arg(long, value_name = "RULE", num_args = 0..=1, conflicts_with = "locked")]
    pub(crate) explain: Option<Option<String>>,
    /// Rewrite what keeps others away from a table into what does not, in new migrations where
    /// needed.
    ///
    /// Frozen migrations stay as they are, and so do those that the database, where one is named,
    /// has applied. Nothing is written unless the migrations make the same schema after it.
    #[arg(long, conflicts_with_all = ["locked", "explain"])]
    pub(crate) fix: bool,
    /// With --fix: write nothing; show what would change as a diff.
    #[arg(long, requires = "fix")]
    pub(crate) dry_run: bool,
}

#[derive(Args, Clone, Debug)]
#[group(required = true, multiple = false)]
pub(crate) struct SchemaArgs {
    /// As the `table!` macros of diesel, as `diesel print-schema` prints them for a database.
    #[arg(long)]
    pub(crate) diesel: bool,
    /// As one JSON object, with every object and whether it is known for certain.
    #[arg(long)]
    pub(crate) json: bool,
    /// As an entity-relationship diagram of Mermaid.
    #[arg(long)]
    pub(crate) mermaid: bool,
    /// As the SQL that makes it in an empty database.
    #[arg(long)]
    pub(crate) sql: bool,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct LockArgs {
    /// Versions to freeze again although their up scripts were changed, or to drop although they
    /// were frozen.
    #[arg(value_name = "VERSION", value_parser = Version::parse)]
    pub(crate) versions: Vec<Version>,
    /// After a merge: which side is right where both froze different up scripts.
    #[arg(long, value_enum, value_name = "SIDE")]
    pub(crate) take: Option<Take>,
    /// Write nothing; say what would change.
    #[arg(long)]
    pub(crate) dry_run: bool,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct StatusArgs {
    #[command(flatten)]
    pub(crate) history: HistoryArgs,
    /// Exit with 1 where anything is pending or wrong.
    #[arg(long)]
    pub(crate) check: bool,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct UpArgs {
    /// The newest version to apply.
    #[arg(long, value_name = "VERSION", value_parser = Version::parse, conflicts_with = "count")]
    pub(crate) to: Option<Version>,
    /// How many to apply, oldest first.
    #[arg(long, value_name = "N")]
    pub(crate) count: Option<NonZeroUsize>,
    /// Apply migrations that are older than the newest applied one, too.
    #[arg(long)]
    pub(crate) out_of_order: bool,
    #[command(flatten)]
    pub(crate) run: RunArgs,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct DownArgs {
    /// The version to go back to; it stays applied.
    #[arg(long, value_name = "VERSION", value_parser = Version::parse, conflicts_with_all = ["count", "all"])]
    pub(crate) to: Option<Version>,
    /// How many to revert, newest first.
    #[arg(long, value_name = "N", default_value = "1", conflicts_with = "all")]
    pub(crate) count: NonZeroUsize,
    /// Revert everything.
    #[arg(long)]
    pub(crate) all: bool,
    /// Do not ask.
    #[arg(long, short)]
    pub(crate) yes: bool,
    #[command(flatten)]
    pub(crate) run: RunArgs,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct RedoArgs {
    /// How many to revert and apply again.
    #[arg(long, value_name = "N", default_value = "1")]
    pub(crate) count: NonZeroUsize,
    /// Do not ask.
    #[arg(long, short)]
    pub(crate) yes: bool,
    #[command(flatten)]
    pub(crate) run: RunArgs,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct ResumeArgs {
    /// What to take for true about the statement that nothing tells about.
    #[arg(long, value_enum, value_name = "WHAT")]
    pub(crate) assume: Option<AssumeArg>,
    /// Give the migration up instead, where nothing of it has happened, so that it can be edited
    /// and run anew.
    #[arg(long)]
    pub(crate) abandon: bool,
    #[command(flatten)]
    pub(crate) run: RunArgs,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct BaselineArgs {
    /// The newest version that is there already.
    #[arg(long, value_name = "VERSION", value_parser = Version::parse)]
    pub(crate) to: Version,
    #[command(flatten)]
    pub(crate) run: RunArgs,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct AdoptArgs {
    /// The other tool [default: the one whose table is found].
    #[arg(long, value_enum, value_name = "TOOL")]
    pub(crate) from: Option<ToolArg>,
    #[command(flatten)]
    pub(crate) run: RunArgs,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct VerifyArgs {
    #[command(flatten)]
    pub(crate) history: HistoryArgs,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct DriftArgs {
    #[command(flatten)]
    pub(crate) history: HistoryArgs,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct DiffArgs {
    /// What is to become another.
    #[arg(default_value = "database")]
    pub(crate) from: SideArg,
    /// What it is to become.
    #[arg(default_value = "migrations")]
    pub(crate) to: SideArg,
    /// Print the SQL that leads from the first to the second.
    #[arg(long)]
    pub(crate) sql: bool,
    /// Exit with 1 where something differs.
    #[arg(long)]
    pub(crate) check: bool,
}

#[derive(Clone, Debug, Subcommand)]
pub(crate) enum DatabaseCommand {
    /// Create the database, empty; nothing happens where it exists.
    #[command(after_long_help = after(help::CREATE))]
    Create(CreateArgs),
    /// Drop the database with everything in it.
    ///
    /// Asks first, and needs --yes where there is no terminal.
    #[command(after_long_help = after(help::DROP))]
    Drop(DropArgs),
    /// Drop the database, create it, and apply every migration.
    ///
    /// Asks first, and needs --yes where there is no terminal.
    #[command(after_long_help = after(help::RESET))]
    Reset(ResetArgs),
}

#[derive(Args, Clone, Debug)]
pub(crate) struct CreateArgs {
    /// Change nothing; print the exact SQL that would be sent.
    #[arg(long)]
    pub(crate) dry_run: bool,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct DropArgs {
    /// Do not ask.
    #[arg(long, short)]
    pub(crate) yes: bool,
    /// Change nothing; print the exact SQL that would be sent.
    #[arg(long)]
    pub(crate) dry_run: bool,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct ResetArgs {
    /// Do not ask.
    #[arg(long, short)]
    pub(crate) yes: bool,
    #[command(flatten)]
    pub(crate) history: HistoryArgs,
}
