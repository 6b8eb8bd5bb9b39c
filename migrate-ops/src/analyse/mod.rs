//! What a run would do: what is pending, what that changes, what is risky in it, and whether the
//! database is what its applied migrations make. Reads only.

mod findings;

use diesel::QueryResult;
use diesel::result::Error as DieselError;
use migrate_core::config::{Levels, ServerVersion};
use migrate_core::plan::UpTarget;
use migrate_core::{CheckContext, Dialect, Down, Level, Version};
use migrate_runtime::{Code, Done};
use migrate_sql::check::schema_in;
use migrate_sql::diff::{Difference, What, diff};
use serde::{Deserialize, Serialize};

use crate::connect::Engine;
use crate::deployment::{Deployment, Sources};
use crate::drift::{DriftError, drift};
use crate::report::counted;

pub use findings::Finding;

/// What a run would do to a database.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Analysis {
    /// The database, without a password.
    pub database: String,
    /// `postgres`, `mysql` (MariaDB too) or `sqlite`.
    pub dialect: String,
    /// What the server says of its version.
    pub server: String,
    /// The newest applied version; `None` where none is applied.
    pub from: Option<String>,
    /// The version that the run leads to; `None` where nothing is pending.
    pub to: Option<String>,
    /// How many migrations are applied.
    pub applied: usize,
    /// What would be applied, in order.
    pub pending: Vec<Pending>,
    /// What is remarkable about the pending scripts, accepted or not.
    pub findings: Vec<Finding>,
    /// What of the schema changes, one object or part a line; `None` where the texts of the
    /// migrations are not at hand.
    pub changes: Option<Vec<String>>,
    /// Whether something in the migrations cannot be followed, so that `changes` may lack it.
    pub changes_are_partial: bool,
    /// Whether the database is what its applied migrations make.
    pub drift: DriftState,
}

/// A migration that would be applied.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Pending {
    /// The version.
    pub version: String,
    /// The name.
    pub name: String,
    /// How many statements its up script has.
    pub statements: usize,
    /// Whether they share one transaction.
    pub transaction: bool,
    /// Whether Rust code belongs to it.
    pub rust: bool,
    /// Whether there is a way back.
    pub way_back: WayBack,
}

/// Whether a migration can be reverted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", content = "reason")]
#[non_exhaustive]
pub enum WayBack {
    /// It has a down script.
    Script,
    /// It has none.
    Missing,
    /// It is declared irreversible, for this reason.
    Irreversible(String),
}

/// Whether a database is what its applied migrations make.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
#[non_exhaustive]
pub enum DriftState {
    /// It was compared, and is.
    None {
        /// Whether something could not be followed, so that only a part was compared.
        partial: bool,
    },
    /// It is not.
    Found {
        /// What differs, one object or part a line.
        differences: Vec<String>,
    },
    /// It was not compared.
    NotChecked {
        /// Why.
        why: String,
    },
}

/// What the answer depends on besides migrations and database.
#[derive(Clone, Debug)]
pub struct Options<'a> {
    /// How far the run goes.
    pub target: &'a UpTarget,
    /// The levels of rules.
    pub levels: &'a Levels,
    /// The oldest server that the migrations have to run on, where it is configured.
    pub server: Option<ServerVersion>,
}

/// Why a database cannot be analysed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AnalyseError {
    /// The run would be refused, or the history cannot be read.
    #[error(transparent)]
    Run(#[from] migrate_runtime::Error),
    /// The database does not answer.
    #[error("{doing} failed")]
    Database {
        /// What was done.
        doing: &'static str,
        /// What the database said.
        #[source]
        source: DieselError,
    },
}

impl Analysis {
    /// The name of this evidence in a run's folder.
    pub const EVIDENCE: &'static str = "analyse";

    /// What matters of it, in one line.
    pub fn summary(&self) -> String {
        let from = self.from.as_deref().unwrap_or("nothing");
        let Some(to) = &self.to else {
            return format!("database at {from}, nothing is pending");
        };
        let statements = self.pending.iter().map(|it| it.statements).sum();
        let mut parts = vec![
            format!("database at {from}, target {to}"),
            format!(
                "{} pending, {}",
                self.pending.len(),
                counted(statements, "statement")
            ),
        ];
        let waived = |finding: &&Finding| finding.waived.is_some();
        let open = self.findings.iter().filter(|it| !waived(it)).count();
        let accepted = self.findings.iter().filter(waived).count();
        if open > 0 {
            parts.push(counted(open, "finding"));
        }
        if accepted > 0 {
            parts.push(format!(
                "{} waived with reason",
                counted(accepted, "finding")
            ));
        }
        parts.push(match &self.drift {
            DriftState::None { partial: false } => "no drift".to_owned(),
            DriftState::None { partial: true } => "no drift as far as can be followed".to_owned(),
            DriftState::Found { differences } => {
                format!("drift: {}", counted(differences.len(), "difference"))
            }
            DriftState::NotChecked { .. } => "drift not checked".to_owned(),
        });
        parts.join("; ")
    }

    /// The findings that let no run begin: errors that no directive accepts.
    pub fn errors(&self) -> Vec<String> {
        let errors = self.findings.iter();
        errors
            .filter(|it| it.level == Level::Error.name() && it.waived.is_none())
            .map(|it| format!("{} {}: {}", it.version, it.rule, it.message))
            .collect()
    }
}

/// Finds out what a run would do. What would make it refuse is an error here already.
///
/// # Errors
/// Where the run would be refused, or the database does not answer.
pub fn analyse<DB: Engine, K: Code<DB>>(
    deployment: &Deployment<'_, DB, K>,
    options: &Options<'_>,
    conn: &mut DB::Connection,
) -> Result<Analysis, AnalyseError> {
    let server = server_version::<DB>(conn).map_err(|source| AnalyseError::Database {
        doing: "asking for the server's version",
        source,
    })?;
    let status = deployment.migrator().status(conn)?;
    let applied: Vec<&Version> = status
        .rows
        .iter()
        .filter(|row| row.applied.is_some())
        .map(|row| &row.version)
        .collect();
    // The planner itself says what would run, or why it would not.
    let steps = deployment
        .migrator()
        .dry_run(true)
        .up(conn, options.target)?
        .steps;
    let (changes, changes_are_partial) =
        changes(DB::DIALECT, deployment.sources, options, &applied, &steps);
    Ok(Analysis {
        database: deployment.url.shown(),
        dialect: DB::DIALECT.to_string(),
        server,
        from: applied.last().map(ToString::to_string),
        to: steps.last().map(|step| step.version.to_string()),
        applied: applied.len(),
        pending: steps.iter().map(|step| pending(deployment, step)).collect(),
        findings: deployment.sources.map_or_else(Vec::new, |sources| {
            findings::of_pending(DB::DIALECT, sources, options, &steps)
        }),
        changes,
        changes_are_partial,
        drift: drift_state(deployment, options, conn),
    })
}

fn pending<DB: Engine, K: Code<DB>>(deployment: &Deployment<'_, DB, K>, step: &Done) -> Pending {
    let migration = deployment
        .set
        .migrations()
        .iter()
        .find(|migration| migration.version == step.version);
    Pending {
        version: step.version.to_string(),
        name: step.name.clone(),
        statements: step.statements,
        transaction: migration.is_some_and(|it| it.up.transaction),
        rust: migration.is_some_and(|it| it.up.rust),
        way_back: match migration.map(|it| &it.down) {
            Some(Down::Script(_)) => WayBack::Script,
            Some(Down::Irreversible { reason }) => WayBack::Irreversible(reason.to_string()),
            _ => WayBack::Missing,
        },
    }
}

/// What the run changes in the schema, by the model.
fn changes(
    dialect: Dialect,
    sources: Option<Sources<'_>>,
    options: &Options<'_>,
    applied: &[&Version],
    steps: &[Done],
) -> (Option<Vec<String>>, bool) {
    let Some(sources) = sources else {
        return (None, true);
    };
    let context = options.checks(dialect, sources);
    let schema_of = |is_there: &dyn Fn(&Version) -> bool| {
        let migrations: Vec<_> = sources
            .migrations
            .iter()
            .filter(|it| is_there(&it.version))
            .cloned()
            .collect();
        schema_in(&migrations, context)
    };
    let before = schema_of(&|version| applied.contains(&version));
    let after = schema_of(&|version| {
        applied.contains(&version) || steps.iter().any(|step| step.version == *version)
    });
    let differences = diff(&after, &before);
    let partial = before.is_open() || after.is_open();
    (Some(differences.iter().map(change).collect()), partial)
}

/// A difference between the schema before and the one after, as what happens.
fn change(difference: &Difference) -> String {
    let subject = difference.subject();
    match &difference.what {
        What::Missing => format!("{subject} comes"),
        What::Extra => format!("{subject} goes"),
        What::Differs {
            property,
            expected: after,
            actual: before,
        } => format!("{subject}: {property} {before} becomes {after}"),
    }
}

impl Options<'_> {
    fn checks<'s>(&self, dialect: Dialect, sources: Sources<'s>) -> CheckContext<'s> {
        CheckContext {
            dialect,
            server: self.server,
            functions: sources.functions,
        }
    }
}

fn drift_state<DB: Engine, K: Code<DB>>(
    deployment: &Deployment<'_, DB, K>,
    options: &Options<'_>,
    conn: &mut DB::Connection,
) -> DriftState {
    let Some(sources) = deployment.sources else {
        return DriftState::NotChecked {
            why: "the program carries its migrations without their files".to_owned(),
        };
    };
    match drift(&mut deployment.migrator(), sources, options.server, conn) {
        Ok(drift) if drift.differences.is_empty() => DriftState::None {
            partial: drift.is_partial,
        },
        Ok(drift) => DriftState::Found {
            differences: drift.differences.iter().map(ToString::to_string).collect(),
        },
        Err(error @ DriftError::NotHere { .. }) => DriftState::NotChecked {
            why: error.to_string(),
        },
        Err(error) => DriftState::NotChecked {
            why: format!("the schema cannot be read: {error}"),
        },
    }
}

/// What the server says of its version: `PostgreSQL 15.14`.
///
/// # Errors
/// Where it does not answer.
pub fn server_version<DB: Engine>(conn: &mut DB::Connection) -> QueryResult<String> {
    let sql = match DB::DIALECT {
        Dialect::Sqlite => "SELECT 'SQLite ' || sqlite_version()",
        Dialect::Postgres => "SELECT 'PostgreSQL ' || current_setting('server_version')",
        _ => "SELECT CONCAT(IF(VERSION() LIKE '%MariaDB%', 'MariaDB ', 'MySQL '), VERSION())",
    };
    let rows = DB::rows(conn, sql)?;
    let answer = rows
        .into_iter()
        .next()
        .and_then(|row| row.into_iter().next());
    Ok(answer.flatten().unwrap_or_default())
}
