//! `migrate.toml`: where the migrations are, what they are for, and how strict to be.

mod duration;
mod levels;
mod options;
mod redact;
mod server;
mod set_config;

pub use duration::{BadDuration, parse_duration};
pub use levels::{BadLevel, Levels};
pub use options::{CONFIG_FILE_NAME, Config, UnknownSet};
pub use server::{BadServer, Product, ServerVersion};
pub use set_config::{HistoryTable, MigrationLock, SetConfig, Timeouts, TransactionMode};
