//! What can be typed: arguments only, nothing is done here.

mod args;
mod backup;
mod help;
mod plan;
mod rehearse;
mod report;
mod run;
mod validate;
mod values;

pub(crate) use args::{
    AdoptArgs, BaselineArgs, CheckArgs, Cli, Command, CreateArgs, DatabaseCommand, DiffArgs,
    DownArgs, DriftArgs, DropArgs, Global, HistoryArgs, LockArgs, NewArgs, RedoArgs, ResetArgs,
    ResumeArgs, RunArgs, SchemaArgs, StatusArgs, UpArgs, VerifyArgs,
};
pub(crate) use backup::{BackupArgs, BackupsArgs, KindArg, RestoreArgs, VerifyArg};
pub(crate) use plan::PlanArgs;
pub(crate) use rehearse::RehearseArgs;
pub(crate) use report::ReportArgs;
pub(crate) use run::SafeRunArgs;
pub(crate) use validate::ValidateArgs;
pub(crate) use values::{
    AssumeArg, Color, Format, LockArg, SideArg, Take, ToolArg, TransactionArg,
};
