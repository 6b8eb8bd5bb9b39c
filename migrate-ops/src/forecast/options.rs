//! What a forecast is told besides the migrations and the database.

use std::time::Duration;

use jiff::Timestamp;
use migrate_core::Direction;
use migrate_core::config::{Levels, PlanConfig};
use migrate_core::plan::UpTarget;
use migrate_runtime::Settings;

use super::evidence::TableSize;
use crate::connect::DatabaseUrl;
use crate::rehearse::{CopyOf, RehearsalEvidence};

/// What a forecast is told.
#[derive(Clone, Debug)]
pub struct Options<'a> {
    /// How far the run goes.
    pub target: UpTarget,
    /// The settings of the run; `None` for those of the deployment.
    pub settings: Option<&'a Settings>,
    /// What speaks against going.
    pub thresholds: Thresholds,
    /// The configured levels of rules.
    pub levels: Option<&'a Levels>,
    /// What a rehearsal measured.
    pub rehearsal: Option<&'a Rehearsed>,
    /// When the backup was made that the run relies on.
    pub backup_made_at: Option<Timestamp>,
    /// Replicas, which are asked themselves how far they are behind.
    pub replicas: &'a [DatabaseUrl],
}

impl Default for Options<'_> {
    fn default() -> Self {
        Options {
            target: UpTarget::Latest,
            settings: None,
            thresholds: Thresholds::default(),
            levels: None,
            rehearsal: None,
            backup_made_at: None,
            replicas: &[],
        }
    }
}

/// What speaks against going.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Thresholds {
    /// How long somebody may be kept from a table; by default 5 seconds, which is also how long a
    /// statement may wait for its lock.
    pub longest_stall: Duration,
    /// What applying, validating and rolling back have to fit into.
    pub window: Option<Duration>,
    /// How old the backup may be when the run begins.
    pub max_backup_age: Option<Duration>,
    /// From this age on an open transaction stands in the way; by default 5 seconds.
    pub long_transaction: Duration,
    /// How far replicas may fall behind.
    pub replica_lag: Option<Duration>,
}

impl Default for Thresholds {
    fn default() -> Self {
        Thresholds {
            longest_stall: Duration::from_secs(5),
            window: None,
            max_backup_age: None,
            long_transaction: Duration::from_secs(5),
            replica_lag: None,
        }
    }
}

impl From<PlanConfig> for Thresholds {
    fn from(config: PlanConfig) -> Self {
        Thresholds {
            longest_stall: config.longest_stall,
            window: config.window,
            max_backup_age: config.max_backup_age,
            long_transaction: config.long_transaction,
            replica_lag: config.max_replica_lag,
        }
    }
}

/// What a rehearsal measured on a copy.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rehearsed {
    /// Each statement that ran.
    pub statements: Vec<RehearsedStatement>,
    /// The tables of the copy before the first statement: see [`table_sizes`](super::table_sizes).
    pub tables: Vec<TableSize>,
    /// What speaks against relying on the way back, as a sentence.
    pub way_back: Option<String>,
}

/// A statement that ran in a rehearsal.
#[derive(Clone, Debug, PartialEq)]
pub struct RehearsedStatement {
    /// The version of its migration.
    pub version: String,
    /// Which script.
    pub direction: Direction,
    /// Which of its script, from 0.
    pub statement: usize,
    /// How long it took; `None` where that says nothing, because the copy had no rows.
    pub seconds: Option<f64>,
    /// The locks that it was seen to take, as (table, mode); `None` where nobody looked.
    pub locks: Option<Vec<(String, String)>>,
}

impl Rehearsed {
    /// What a rehearsal says of durations and locks. `tables` are those of its copy before the first
    /// statement: without them durations cannot be scaled, and are not used.
    pub fn of(evidence: &RehearsalEvidence, tables: Vec<TableSize>) -> Self {
        let is_empty = matches!(evidence.copy_of, CopyOf::Empty { .. });
        let passes = [
            (Direction::Up, &evidence.up),
            (Direction::Down, &evidence.down),
        ];
        let mut statements = Vec::new();
        for (direction, pass) in passes {
            for migration in pass.iter().flat_map(|pass| &pass.migrations) {
                for statement in &migration.statements {
                    let locks = statement.locks.as_ref().map(|locks| {
                        let locks = locks.iter();
                        locks
                            .map(|it| (it.object.clone(), it.mode.clone()))
                            .collect()
                    });
                    statements.push(RehearsedStatement {
                        version: migration.version.clone(),
                        direction,
                        statement: statement.index,
                        seconds: statement.duration_seconds.filter(|_| !is_empty),
                        locks,
                    });
                }
            }
        }
        Rehearsed {
            statements,
            tables,
            way_back: evidence.new_rows.risk(),
        }
    }

    pub(super) fn statement(
        &self,
        version: &str,
        direction: Direction,
        statement: usize,
    ) -> Option<&RehearsedStatement> {
        self.statements.iter().find(|it| {
            it.version == version && it.direction == direction && it.statement == statement
        })
    }
}
