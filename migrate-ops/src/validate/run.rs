//! The order of the checks.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use diesel::connection::LoadConnection;
use migrate_core::SourceMigration;
use migrate_core::config::{ShellCommand, ValidateConfig};
use migrate_runtime::{Code, Settings};

use super::catalogue::Catalogue;
use super::constraints::Constraints;
use super::counts;
use super::error::ValidateError;
use super::evidence::{Before, Check, CheckKind, Validation};
use super::inspect::Asker;
use super::maintain::{self, Maintain};
use super::{command, queries, scripts};
use crate::connect::{Engine, Open};
use crate::deployment::Deployment;
use crate::digest::{Digest, Table};
use crate::event::{Event, Listener, Step};
use crate::{introspect, time};

/// The name of the evidence of this step.
pub const EVIDENCE: &str = "validate";

/// What to validate, and how.
#[derive(Clone, Debug)]
pub struct Options {
    /// How long a statement may take; then its check was not made. SQLite knows no such limit.
    pub statement_timeout: Duration,
    /// Tells keys of rows instead of their hashes.
    pub show_values: bool,
    /// The migration directory, in which `checks/`, `queries/` and the `verify.sql` are; `None` where
    /// the migrations are without their files.
    pub directory: Option<PathBuf>,
    /// How many times slower a query may be than before.
    pub slower: f64,
    /// The settings of the history, where they are not those of the deployment's migrator.
    pub settings: Option<Settings>,
    /// What is done to the tables that the run touched, before anything is looked at.
    pub maintain: Maintain,
    /// A command of the application's that fails where the application does not work. It runs last.
    pub command: Option<ShellCommand>,
}

impl Options {
    /// What is configured. The directory of the migrations is not.
    pub fn of(config: &ValidateConfig) -> Self {
        Options {
            statement_timeout: config.statement_timeout,
            show_values: false,
            directory: None,
            slower: config.slower,
            settings: None,
            maintain: Maintain {
                analyze: config.analyze,
                vacuum: config.vacuum,
            },
            command: config.command.clone(),
        }
    }
}

impl Default for Options {
    /// Five minutes a statement, 1.5 times slower, no values, no files and no command.
    fn default() -> Self {
        Options::of(&ValidateConfig::default())
    }
}

/// Reads what only a comparison can use: counts, applied versions, times of queries.
///
/// # Errors
/// Where the database cannot be read at all.
pub fn before<DB: Engine, K: Code<DB>>(
    deployment: &Deployment<'_, DB, K>,
    options: &Options,
    listener: &mut dyn Listener,
) -> Result<Before, ValidateError> {
    let taken = time::now();
    let mut conn = session(deployment, options)?;
    let (applied, history) = applied(deployment, options, &mut conn)?;
    let rows = count::<DB, _>(&mut conn, &history, listener)?;
    let rows = rows.into_iter().map(|(name, count)| (name, count.ok()));
    let mut timings = BTreeMap::new();
    if let Some(directory) = &options.directory {
        for file in scripts::folder(directory, "queries")? {
            tell(listener, &file.name, None)?;
            // One that does not work yet may work after the run.
            if let Ok(timing) = queries::time(&mut conn, &file) {
                timings.insert(file.name, timing);
            }
        }
    }
    Ok(Before {
        taken,
        database: deployment.url.shown(),
        applied: applied.into_iter().collect(),
        rows: rows.collect(),
        queries: timings,
    })
}

/// Looks whether data and schema are as they should be.
///
/// # Errors
/// Where the database cannot be read at all; what a single check runs into is in its evidence.
pub fn validate<DB: Engine, K: Code<DB>>(
    deployment: &Deployment<'_, DB, K>,
    options: &Options,
    before: Option<&Before>,
    listener: &mut dyn Listener,
) -> Result<Validation, ValidateError> {
    let begun = Instant::now();
    let started = time::now();
    let mut conn = session(deployment, options)?;
    let (now, history) = applied(deployment, options, &mut conn)?;
    // Without a reading before, the newest migration is taken for the run.
    let of_run: BTreeSet<String> = match before {
        Some(before) => {
            let was: BTreeSet<&String> = before.applied.iter().collect();
            now.iter().filter(|it| !was.contains(it)).cloned().collect()
        }
        None => newest(deployment, &now).into_iter().collect(),
    };
    let mut checks = Vec::new();
    if options.maintain != Maintain::default() {
        let touched = maintain::touched(deployment, |version| of_run.contains(version));
        let tables = tables::<DB, _>(&mut conn, &history)?;
        let tables = tables
            .iter()
            .filter(|it| touched.includes(it.schema.as_deref(), &it.name));
        maintain::maintain(
            deployment,
            options,
            &tables.collect::<Vec<_>>(),
            &mut |it| add(&mut checks, listener, it),
        )?;
    }
    let rows = count::<DB, _>(&mut conn, &history, listener)?;
    let expected = match before {
        Some(_) => counts::expected(migrations(deployment, &of_run)),
        None => BTreeMap::new(),
    };
    let known: Option<BTreeSet<String>> = before.map(|it| it.rows.keys().cloned().collect());
    counts::compared(before.map(|it| &it.rows), &rows, &expected, &mut checks);
    tell(listener, "the catalogue", None)?;
    DB::catalogue(&mut Catalogue {
        conn: &mut conn,
        known: known.as_ref(),
        checks: &mut checks,
    });
    if DB::QUERIES_CONSTRAINTS {
        let read = introspect::Options {
            default_schema: None,
            left_out: vec![history],
        };
        let schema = DB::introspect(&mut conn, &read)?;
        let constraints = Constraints {
            conn: &mut conn,
            schema: &schema,
            show_values: options.show_values,
        };
        if !constraints.check(&mut |check| add(&mut checks, listener, check)) {
            return Err(ValidateError::Stopped);
        }
    }
    if let Some(directory) = &options.directory {
        let verify = scripts::verify(directory, deployment.set, |it| of_run.contains(it))?;
        let rules = scripts::folder(directory, "checks")?;
        let files = verify.iter().map(|file| (CheckKind::Verify, file));
        for (kind, file) in files.chain(rules.iter().map(|file| (CheckKind::Rule, file))) {
            let mut done = |check| add(&mut checks, listener, check);
            if !scripts::no_rows(&mut conn, kind, file, options.show_values, &mut done) {
                return Err(ValidateError::Stopped);
            }
        }
        for file in scripts::folder(directory, "queries")? {
            let timings = before.map(|it| &it.queries);
            let check = queries::compared(&mut conn, &file, timings, options.slower);
            if !add(&mut checks, listener, check) {
                return Err(ValidateError::Stopped);
            }
        }
    }
    if let Some(command) = &options.command {
        tell(listener, "the application's command", None)?;
        let check = command::run(command, deployment.url, || listener.stop());
        if !add(&mut checks, listener, check) {
            return Err(ValidateError::Stopped);
        }
    }
    Ok(Validation {
        database: deployment.url.shown(),
        started,
        seconds: begun.elapsed().as_secs_f64(),
        before: before.map(|it| it.taken.clone()),
        checks,
    })
}

/// A connection of its own, whose settings need not be put back.
fn session<DB: Engine, K: Code<DB>>(
    deployment: &Deployment<'_, DB, K>,
    options: &Options,
) -> Result<DB::Connection, ValidateError> {
    let mut conn = deployment.connect(Open::Existing)?.connection;
    DB::ready(&mut conn, options.statement_timeout).map_err(ValidateError::Session)?;
    Ok(conn)
}

/// The versions that are applied, and the table that says so.
fn applied<DB: Engine, K: Code<DB>>(
    deployment: &Deployment<'_, DB, K>,
    options: &Options,
    conn: &mut DB::Connection,
) -> Result<(BTreeSet<String>, String), ValidateError> {
    let mut migrator = deployment.migrator();
    if let Some(settings) = &options.settings {
        *migrator.settings_mut() = settings.clone();
    }
    let status = migrator.status(conn)?;
    let rows = status.rows.into_iter().filter(|row| row.applied.is_some());
    let versions = rows.map(|row| row.version.to_string()).collect();
    let history_table = migrator.settings_mut().history_table.to_string();
    Ok((versions, history_table))
}

fn newest<DB: Engine, K: Code<DB>>(
    deployment: &Deployment<'_, DB, K>,
    applied: &BTreeSet<String>,
) -> Option<String> {
    let versions = deployment.set.migrations().iter().rev();
    let mut versions = versions.map(|it| it.version.to_string());
    versions.find(|version| applied.contains(version))
}

fn migrations<'a, DB: Engine, K: Code<DB>>(
    deployment: &Deployment<'a, DB, K>,
    versions: &BTreeSet<String>,
) -> Vec<&'a SourceMigration> {
    let all = deployment.sources.iter().flat_map(|it| it.migrations);
    all.filter(|it| versions.contains(&it.version.to_string()))
        .collect()
}

/// The user's tables, without those whose rows are in others or elsewhere.
fn tables<DB: Engine, C: LoadConnection<Backend = DB>>(
    conn: &mut C,
    history_table: &str,
) -> Result<Vec<Table>, ValidateError> {
    let mut tables = <DB as Digest>::tables(conn, true)?;
    tables.retain(|table| {
        !table.is_partition
            && table.not_read.is_none()
            && !migrate_runtime::is_history_table(&table.name)
            && table.name != history_table
    });
    Ok(tables)
}

/// The rows of each table, or why they could not be counted.
fn count<DB: Engine, C: LoadConnection<Backend = DB>>(
    conn: &mut C,
    history_table: &str,
    listener: &mut dyn Listener,
) -> Result<BTreeMap<String, Result<u64, String>>, ValidateError> {
    let counted = tables::<DB, C>(conn, history_table)?;
    let mut counts = BTreeMap::new();
    for (done, table) in counted.iter().enumerate() {
        let key = table.key();
        tell(listener, &key, Some(done as f64 / counted.len() as f64))?;
        let count = DB::text("COUNT(*)");
        let sql = format!("SELECT {count} FROM {}", table.from);
        let rows = DB::reading(conn, Asker::System, |conn| DB::rows(conn, &sql));
        let count = match rows {
            Ok(rows) => {
                let text = rows.into_iter().flatten().flatten().next();
                let count = text.and_then(|text| text.parse().ok());
                count.ok_or_else(|| "the database gave no count".to_owned())
            }
            Err(error) => Err(error.to_string()),
        };
        counts.insert(key, count);
    }
    Ok(counts)
}

fn tell(
    listener: &mut dyn Listener,
    text: &str,
    fraction: Option<f64>,
) -> Result<(), ValidateError> {
    if listener.stop() {
        return Err(ValidateError::Stopped);
    }
    listener.event(&Event::Progress {
        step: Step::Validate,
        text,
        fraction,
    });
    Ok(())
}

/// Keeps a check and tells of it; `false` where it should stop.
fn add(checks: &mut Vec<Check>, listener: &mut dyn Listener, check: Check) -> bool {
    let told = tell(listener, &check.subject, None);
    checks.push(check);
    told.is_ok()
}
