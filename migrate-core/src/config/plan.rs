//! `[plan]`: what speaks against running migrations.

use std::time::Duration;

use toml::de::DeTable;

use super::options::parsed;
use super::parse_duration;
use crate::document::{Document, Value};

/// What speaks against running migrations. What is not given is not asked.
///
/// ```
/// use std::time::Duration;
/// use migrate_core::config::Config;
///
/// let text = "[plan]\nwindow = '30min'\nlongest_stall = '500ms'\n";
/// let config = Config::parse(text, "/app/migrate.toml".as_ref()).unwrap();
/// let plan = config.set(None).unwrap().plan;
/// assert_eq!(plan.window, Some(Duration::from_secs(1800)));
/// assert_eq!(plan.longest_stall, Duration::from_millis(500));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlanConfig {
    /// How long somebody may be kept from a table; by default 5 seconds.
    pub longest_stall: Duration,
    /// What applying, validating and rolling back have to fit into.
    pub window: Option<Duration>,
    /// How old the backup may be when migrations are applied.
    pub max_backup_age: Option<Duration>,
    /// From this age on an open transaction stands in the way; by default 5 seconds.
    pub long_transaction: Duration,
    /// How far replicas may fall behind.
    pub max_replica_lag: Option<Duration>,
}

/// What a file says about `[plan]`; nothing is filled in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct PlanOptions {
    longest_stall: Option<Duration>,
    window: Option<Duration>,
    max_backup_age: Option<Duration>,
    long_transaction: Option<Duration>,
    max_replica_lag: Option<Duration>,
}

const KEYS: [&str; 5] = [
    "longest_stall",
    "window",
    "max_backup_age",
    "long_transaction",
    "max_replica_lag",
];

impl PlanOptions {
    pub(super) fn overlaid(self, over: PlanOptions) -> PlanOptions {
        PlanOptions {
            longest_stall: over.longest_stall.or(self.longest_stall),
            window: over.window.or(self.window),
            max_backup_age: over.max_backup_age.or(self.max_backup_age),
            long_transaction: over.long_transaction.or(self.long_transaction),
            max_replica_lag: over.max_replica_lag.or(self.max_replica_lag),
        }
    }

    pub(super) fn resolve(self) -> PlanConfig {
        const SHORT: Duration = Duration::from_secs(5);
        PlanConfig {
            longest_stall: self.longest_stall.unwrap_or(SHORT),
            window: self.window,
            max_backup_age: self.max_backup_age,
            long_transaction: self.long_transaction.unwrap_or(SHORT),
            max_replica_lag: self.max_replica_lag,
        }
    }
}

pub(super) fn read(document: &mut Document, value: &Value<'_>) -> PlanOptions {
    let Some(table) = document.table("plan", value) else {
        return PlanOptions::default();
    };
    document.known_keys(table, &KEYS);
    let mut duration = |key: &str| duration(document, table, key);
    PlanOptions {
        longest_stall: duration("longest_stall"),
        window: duration("window"),
        max_backup_age: duration("max_backup_age"),
        long_transaction: duration("long_transaction"),
        max_replica_lag: duration("max_replica_lag"),
    }
}

fn duration(document: &mut Document, table: &DeTable<'_>, key: &str) -> Option<Duration> {
    parsed(document, key, table.get(key)?, parse_duration)
}
