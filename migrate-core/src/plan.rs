//! The planner: set × history × target × policy → steps. Pure; runs nothing and reads nothing.

use std::collections::BTreeMap;

use crate::history::{AppliedMigration, History, State};
use crate::migration::{Direction, Down, Migration};
use crate::set::MigrationSet;
use crate::version::Version;
use crate::visible::visible;

/// How far to apply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UpTarget {
    /// All that is pending.
    Latest,
    /// All that is pending up to this version, itself included.
    Version(Version),
    /// So many of the pending, oldest first.
    Count(usize),
}

/// How far to revert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DownTarget {
    /// So many, newest first.
    Count(usize),
    /// All that is newer than this version, which stays.
    Version(Version),
    /// Everything.
    All,
}

/// What to do about a pending migration that is older than the newest applied one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OutOfOrder {
    /// Refuse, naming it.
    #[default]
    Refuse,
    /// Apply it all the same, in the order of versions.
    Allow,
}

/// What to do where the database has newer versions than the set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ahead {
    /// Go on, and say so: another instance of a rolling deploy may be newer than this one.
    #[default]
    Warn,
    /// Refuse.
    Refuse,
}

/// What the planner tolerates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// About migrations older than the newest applied one.
    pub out_of_order: OutOfOrder,
    /// About newer versions in the database.
    pub ahead: Ahead,
}

/// One script to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// The migration, as an index into [`MigrationSet::migrations`].
    pub migration: usize,
    /// Which script.
    pub direction: Direction,
}

/// The steps, in order, and what is remarkable about them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// What to run.
    pub steps: Vec<Step>,
    /// Versions in the database that are newer than all of the set.
    pub ahead: Vec<Version>,
    /// Versions among the steps that are older than the newest applied one.
    pub out_of_order: Vec<Version>,
}

/// Why nothing may run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// A script differs from what was applied.
    #[error(
        "migration {version}_{name} was edited after it was applied; put the file back as it was and write the change as a new migration", name = visible(.name))]
    Edited {
        /// The version.
        version: Version,
        /// The name.
        name: String,
    },
    /// Applied, but the set does not have it.
    #[error("migration {version}_{name} is applied but its file is missing; restore the file", name = visible(.name))]
    Missing {
        /// The version.
        version: Version,
        /// The name at the time.
        name: String,
    },
    /// Pending, but older than the newest applied one.
    #[error(
        "migration {version}_{name} is pending but older than {newest}, which is applied; give it a newer version, or allow out-of-order migrations if it does not depend on what came after", name = visible(.name))]
    OutOfOrder {
        /// The version.
        version: Version,
        /// The name.
        name: String,
        /// The newest applied version.
        newest: Version,
    },
    /// The database knows newer versions.
    #[error(
        "the database has version {newest}, which is newer than all that is known here; use the program or the directory that has it"
    )]
    Ahead {
        /// The newest version in the database.
        newest: Version,
    },
    /// Something was begun and not finished.
    #[error("migration {version}_{name} {} on its way {direction}; run `migrate resume`", if *.failed { "failed" } else { "was begun and not finished" }, name = visible(.name))]
    Unfinished {
        /// The version.
        version: Version,
        /// The name.
        name: String,
        /// Which way it was going.
        direction: Direction,
        /// Whether it is known to have failed.
        failed: bool,
    },
    /// The target is in neither the set nor the history.
    #[error("there is no migration {version}")]
    UnknownVersion {
        /// The target.
        version: Version,
    },
    /// The target of a revert is not applied.
    #[error("migration {version} is not applied, so there is nothing to go back to")]
    NotApplied {
        /// The target.
        version: Version,
    },
    /// A migration on the way down is irreversible.
    #[error("migration {version}_{name} is irreversible: {reason}", name = visible(.name))]
    Irreversible {
        /// The version.
        version: Version,
        /// The name.
        name: String,
        /// The reason that its author gave.
        reason: String,
    },
    /// A migration on the way down has no down script.
    #[error("migration {version}_{name} has no down script", name = visible(.name))]
    NoDown {
        /// The version.
        version: Version,
        /// The name.
        name: String,
    },
    /// A single migration cannot be applied before the older ones.
    #[error("migration {version} cannot be applied while older ones are pending: {}", list(.pending))]
    OlderPending {
        /// The migration that was asked for.
        version: Version,
        /// What has to come first.
        pending: Vec<Version>,
    },
    /// A single migration cannot be reverted while newer ones are applied.
    #[error("migration {version} cannot be reverted while newer ones are applied: {}", list(.newer))]
    NewerApplied {
        /// The migration that was asked for.
        version: Version,
        /// What has to go first.
        newer: Vec<Version>,
    },
}

fn list(versions: &[Version]) -> String {
    versions
        .iter()
        .map(Version::as_str)
        .collect::<Vec<_>>()
        .join(", ")
}

/// All that stands in the way of a plan.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
pub struct Refused(pub Vec<Refusal>);

/// Where one version stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Standing {
    /// In the set, not in the history.
    Pending,
    /// Pending, and older than the newest applied one.
    OutOfOrder,
    /// Applied, and unchanged since.
    Applied,
    /// Applied, and edited since.
    Edited,
    /// Applied, but not in the set and not newer than all of it.
    Missing,
    /// Applied, and newer than all of the set.
    Ahead,
    /// Failed part of the way.
    Failed(Direction),
    /// Begun; the outcome is not recorded.
    Unsure(Direction),
}

/// Where every version of the set and of the history stands, in the order of the versions.
pub fn standings<'a>(
    set: &'a MigrationSet,
    history: &'a History,
) -> Vec<(
    Version,
    Standing,
    Option<&'a Migration>,
    Option<&'a AppliedMigration>,
)> {
    type Sides<'a> = (Option<&'a Migration>, Option<&'a AppliedMigration>);
    let mut all: BTreeMap<&Version, Sides<'a>> = BTreeMap::new();
    for migration in set.migrations() {
        all.entry(&migration.version).or_default().0 = Some(migration);
    }
    for row in &history.applied {
        all.entry(&row.version).or_default().1 = Some(row);
    }
    let newest_applied = history.applied.iter().map(|row| &row.version).max();
    let newest_known = set.migrations().last().map(|migration| &migration.version);
    let standing = |version: &Version, sides: &Sides<'_>| match sides {
        (
            _,
            Some(AppliedMigration {
                state: State::Failed(direction),
                ..
            }),
        ) => Standing::Failed(*direction),
        (
            _,
            Some(AppliedMigration {
                state: State::Running(direction),
                ..
            }),
        ) => Standing::Unsure(*direction),
        (Some(migration), Some(row)) if migration.up.checksum != row.checksum => Standing::Edited,
        (Some(_), Some(_)) => Standing::Applied,
        (None, Some(_)) if Some(version) > newest_known => Standing::Ahead,
        (None, Some(_)) => Standing::Missing,
        (_, None) if Some(version) < newest_applied => Standing::OutOfOrder,
        (_, None) => Standing::Pending,
    };
    all.into_iter()
        .map(|(version, sides)| (version.clone(), standing(version, &sides), sides.0, sides.1))
        .collect()
}

/// What has to run to get to `target`.
///
/// # Errors
/// [`Refused`] with everything that stands in the way, not only the first.
pub fn plan_up(
    set: &MigrationSet,
    history: &History,
    target: &UpTarget,
    policy: Policy,
) -> Result<Plan, Refused> {
    let mut survey = survey(set, history, policy);
    let newest_applied = history.applied.iter().map(|row| &row.version).max();
    let mut pending: Vec<usize> = set
        .migrations()
        .iter()
        .enumerate()
        .filter(|(_, migration)| history.get(&migration.version).is_none())
        .map(|(index, _)| index)
        .collect();
    match target {
        UpTarget::Latest => {}
        UpTarget::Count(count) => pending.truncate(*count),
        UpTarget::Version(version) => {
            if set.get(version).is_none() && history.get(version).is_none() {
                survey.refusals.push(Refusal::UnknownVersion {
                    version: version.clone(),
                });
            }
            pending.retain(|index| {
                set.migrations()
                    .get(*index)
                    .is_some_and(|m| m.version <= *version)
            });
        }
    }
    for index in pending {
        let Some(migration) = set.migrations().get(index) else {
            continue;
        };
        if let Some(newest) = newest_applied.filter(|newest| migration.version < **newest) {
            match policy.out_of_order {
                OutOfOrder::Allow => survey.plan.out_of_order.push(migration.version.clone()),
                OutOfOrder::Refuse => survey.refusals.push(Refusal::OutOfOrder {
                    version: migration.version.clone(),
                    name: migration.name.to_string(),
                    newest: newest.clone(),
                }),
            }
        }
        survey.plan.steps.push(Step {
            migration: index,
            direction: Direction::Up,
        });
    }
    survey.finish()
}

/// What has to be reverted to get to `target`.
///
/// # Errors
/// [`Refused`] with everything that stands in the way, not only the first.
pub fn plan_down(
    set: &MigrationSet,
    history: &History,
    target: &DownTarget,
    policy: Policy,
) -> Result<Plan, Refused> {
    let mut survey = survey(set, history, policy);
    let newest_first = history.applied.iter().rev();
    let rows: Vec<&AppliedMigration> = match target {
        DownTarget::Count(count) => newest_first.take(*count).collect(),
        DownTarget::All => newest_first.collect(),
        DownTarget::Version(version) => {
            if history.get(version).is_none() {
                survey.refusals.push(Refusal::NotApplied {
                    version: version.clone(),
                });
            }
            newest_first
                .take_while(|row| row.version > *version)
                .collect()
        }
    };
    for row in rows {
        let found = set
            .migrations()
            .binary_search_by(|m| m.version.cmp(&row.version));
        let Ok(index) = found else {
            // A missing one is refused already; one that is ahead is refused here, because only
            // the program that knows it can revert it.
            if survey.plan.ahead.contains(&row.version) {
                survey.refusals.push(Refusal::Missing {
                    version: row.version.clone(),
                    name: row.name.clone(),
                });
            }
            continue;
        };
        let Some(migration) = set.migrations().get(index) else {
            continue;
        };
        let (version, name) = (migration.version.clone(), migration.name.to_string());
        match &migration.down {
            Down::Script(_) => {
                survey.plan.steps.push(Step {
                    migration: index,
                    direction: Direction::Down,
                });
            }
            Down::Missing => survey.refusals.push(Refusal::NoDown { version, name }),
            Down::Irreversible { reason } => survey.refusals.push(Refusal::Irreversible {
                version,
                name,
                reason: reason.to_string(),
            }),
        }
    }
    survey.finish()
}

/// The plan of applying exactly one migration; without steps where it is applied.
///
/// # Errors
/// [`Refused`], also while older migrations are pending.
pub fn plan_one_up(
    set: &MigrationSet,
    history: &History,
    version: &Version,
    policy: Policy,
) -> Result<Plan, Refused> {
    if history.get(version).is_some() {
        // Older ones that are pending do not matter to what is there already.
        return survey(set, history, policy).finish();
    }
    let plan = plan_up(set, history, &UpTarget::Version(version.clone()), policy)?;
    let older: Vec<Version> = plan
        .steps
        .iter()
        .filter_map(|step| set.migrations().get(step.migration))
        .map(|migration| migration.version.clone())
        .filter(|pending| pending != version)
        .collect();
    if older.is_empty() {
        return Ok(plan);
    }
    Err(Refused(vec![Refusal::OlderPending {
        version: version.clone(),
        pending: older,
    }]))
}

/// The plan of reverting exactly one migration, which must be the newest applied one.
///
/// # Errors
/// [`Refused`], also where newer migrations are applied or it is not applied itself.
pub fn plan_one_down(
    set: &MigrationSet,
    history: &History,
    version: &Version,
    policy: Policy,
) -> Result<Plan, Refused> {
    if history.get(version).is_none() {
        return Err(Refused(vec![Refusal::NotApplied {
            version: version.clone(),
        }]));
    }
    let newer: Vec<Version> = history
        .applied
        .iter()
        .map(|row| row.version.clone())
        .filter(|applied| applied > version)
        .collect();
    if newer.is_empty() {
        return plan_down(set, history, &DownTarget::Count(1), policy);
    }
    Err(Refused(vec![Refusal::NewerApplied {
        version: version.clone(),
        newer,
    }]))
}

struct Survey {
    plan: Plan,
    refusals: Vec<Refusal>,
}

impl Survey {
    fn finish(self) -> Result<Plan, Refused> {
        if self.refusals.is_empty() {
            Ok(self.plan)
        } else {
            Err(Refused(self.refusals))
        }
    }
}

/// What is wrong whatever the target.
fn survey(set: &MigrationSet, history: &History, policy: Policy) -> Survey {
    let mut survey = Survey {
        plan: Plan::default(),
        refusals: Vec::new(),
    };
    for (version, standing, migration, row) in standings(set, history) {
        let name = row
            .map(|row| row.name.clone())
            .or_else(|| migration.map(|migration| migration.name.to_string()))
            .unwrap_or_default();
        match standing {
            Standing::Edited => survey.refusals.push(Refusal::Edited { version, name }),
            Standing::Missing => survey.refusals.push(Refusal::Missing { version, name }),
            Standing::Ahead => survey.plan.ahead.push(version),
            Standing::Failed(direction) | Standing::Unsure(direction) => {
                survey.refusals.push(Refusal::Unfinished {
                    version,
                    name,
                    direction,
                    failed: matches!(standing, Standing::Failed(_)),
                });
            }
            Standing::Pending | Standing::OutOfOrder | Standing::Applied => {}
        }
    }
    if policy.ahead == Ahead::Refuse
        && let Some(newest) = survey.plan.ahead.last()
    {
        survey.refusals.push(Refusal::Ahead {
            newest: newest.clone(),
        });
    }
    survey
}
