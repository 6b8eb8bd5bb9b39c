//! `migrate.toml`: where the migrations are, what they are for, and how strict to be.

mod backup;
mod command;
mod duration;
mod file;
mod levels;
mod options;
mod plan;
mod rehearse;
mod run;
mod server;
mod set_config;
#[cfg(test)]
mod tests;
mod validate;

pub use backup::{BackupConfig, BackupKind, BackupVerify, ToolsConfig};
pub use command::ShellCommand;
pub use duration::{BadDuration, parse_duration};
pub use file::{CONFIG_FILE_NAME, Choice, Config, NoSet};
pub use levels::{BadLevel, Levels};
pub use plan::PlanConfig;
pub use rehearse::RehearseConfig;
pub use run::{Hook, HookFailure, Hooks, OnFailure, RunConfig};
pub use server::{BadServer, Product, ServerVersion};
pub use set_config::{HistoryTable, MigrationLock, SetConfig, Timeouts, TransactionMode};
pub use validate::ValidateConfig;
