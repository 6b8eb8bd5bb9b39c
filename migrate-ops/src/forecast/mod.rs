//! What applying the pending migrations will do to a database and to those who use it, before it is
//! done.
//!
//! [`forecast()`] reads the live schema, follows the statements on its model, and puts the live sizes
//! of tables beside what each statement locks and does. A duration comes from a rehearsal, scaled by
//! size, or else from a stated model, and says which; what nobody knows is said to be unknown, and
//! counts as the worst. [`script()`] gives what would be sent as a script to run by hand.
//!
//! Nothing is written, and a user who may only read is enough.

mod error;
mod estimate;
mod evidence;
mod live;
mod options;
mod replicas;
mod script;
mod statement;
mod verdict;

use jiff::Timestamp;
use migrate_core::{Dialect, Direction, Down, Migration, Script as Text, ScriptFile};
use migrate_runtime::{Code, Migrator, Transactions};
use migrate_sql::check::{Foretold, foretell, lost};
use migrate_sql::hazard::{Form, Lock, Mode};
use migrate_sql::schema::Schema;

use crate::Deployment;
use crate::connect::Engine;
use crate::introspect;
use crate::time;

pub use error::ForecastError;
pub use evidence::{
    About, BackupAge, Basis, Blocked, Estimate, Forecast, HazardForecast, HeldUntil, InTheWay,
    InTheWayKind, LockForecast, MigrationForecast, PointOfNoReturn, Reason, Replica, Replicas,
    RowsBasis, Stall, StatementForecast, TableSize, Verdict, WayBack, Window, WorkKind,
};
pub use options::{Options, Rehearsed, RehearsedStatement, Thresholds};
pub use script::script;

use estimate::Estimator;
use live::Question;
use statement::Script;

/// What applying what is pending will do.
///
/// # Errors
/// Where the run would be refused, or the database cannot be read.
pub fn forecast<DB: Engine, K: Code<DB>>(
    deployment: &Deployment<'_, DB, K>,
    options: &Options<'_>,
    conn: &mut DB::Connection,
) -> Result<Forecast, ForecastError> {
    let mut migrator = migrator(deployment, options);
    let settings = migrator.settings_mut().clone();
    let status = migrator.status(conn)?;
    // The runtime itself says what it would run, and refuses what it would refuse.
    let report = migrator.dry_run(true).up(conn, &options.target)?;
    let pending: Vec<&Migration> = report
        .steps
        .iter()
        .filter_map(|step| {
            let mut migrations = deployment.set.migrations().iter();
            migrations.find(|it| it.version == step.version)
        })
        .collect();
    let mut schema = DB::introspect(
        conn,
        &introspect::Options {
            left_out: vec![settings.history_table.to_string()],
            ..introspect::Options::default()
        },
    )?;
    let mut ask = live::asking::<DB, _>(conn);
    let failed = |doing| move |source| ForecastError::Database { doing, source };
    let server = live::server(DB::DIALECT, &mut ask).map_err(failed("the version"))?;
    let tables = live::sizes(DB::DIALECT, &mut ask).map_err(failed("the sizes of tables"))?;
    let estimator = Estimator {
        dialect: DB::DIALECT,
        tables: &tables,
        rehearsal: options.rehearsal,
    };
    let mut waits_for_all = false;
    let mut migrations = Vec::new();
    for migration in &pending {
        let version = migration.version.to_string();
        let file = script_file(&migration.up, Direction::Up, DB::DIALECT);
        let foretold = foretell(&file, &mut schema, server);
        waits_for_all |= foretold.iter().any(waits_for_all_others);
        let script = Script {
            version: &version,
            file: &file,
            dialect: DB::DIALECT,
            levels: options.levels,
        };
        let statements = script.statements(&foretold, estimator);
        let mut apply = statement::duration(&statements);
        if migration.up.rust {
            apply = apply.plus(Estimate::UNKNOWN);
        }
        let loses = lost(&file, DB::DIALECT);
        migrations.push(MigrationForecast {
            name: migration.name.to_string(),
            transaction: migration.up.transaction,
            rust: migration.up.rust,
            apply,
            way_back: way_back(&migration.down, DB::DIALECT),
            revert: None,
            loses: loses.iter().map(ToString::to_string).collect(),
            statements,
            version,
        });
    }
    reverts(&pending, &mut migrations, &mut schema, estimator);
    hold(&mut migrations, settings.transactions);
    let locked = locked(&migrations);
    let question = Question {
        locked: &locked,
        waits_for_all,
        long: options.thresholds.long_transaction.as_secs_f64(),
    };
    let mut traffic = live::traffic(DB::DIALECT, &mut ask, question)
        .map_err(failed("who works on the database"))?;
    replicas::ask(deployment, options, &mut traffic);
    let follows = traffic.replicas.following.as_ref();
    if traffic.replays_ddl && follows.is_some_and(|it| !it.is_empty()) {
        traffic.replicas.lag = longest(&migrations);
    }
    if migrations.is_empty() {
        // Nothing is in the way of nothing.
        traffic.in_the_way.clear();
    }
    let applied = status.rows.iter().rfind(|row| row.applied.is_some());
    let apply = Estimate::sum(migrations.iter().map(|it| it.apply));
    let touched = touched(&migrations);
    let validate = estimator.reading(touched.iter().map(String::as_str));
    let mut forecast = Forecast {
        made_at: time::now(),
        database: deployment.url.shown(),
        server: server.map(|it| it.to_string()),
        applied: applied.map(|row| row.version.to_string()),
        target: migrations.last().map(|it| it.version.clone()),
        longest_stall: longest_stall(&migrations, &tables),
        replicas: traffic.replicas,
        in_the_way: traffic.in_the_way,
        not_checked: traffic.not_checked,
        point_of_no_return: point_of_no_return(&migrations),
        rollback_loses: rollback_loses(&migrations),
        window: window(&migrations, apply, validate, options),
        backup: backup_age(options),
        verdict: Verdict {
            go: false,
            reasons: Vec::new(),
        },
        tables: tables
            .iter()
            .filter(|it| touched.contains(&it.table))
            .cloned()
            .collect(),
        apply,
        migrations,
    };
    forecast.verdict = verdict::verdict(&forecast, options);
    Ok(forecast)
}

/// A migrator with the settings of the run.
fn migrator<'a, DB: Engine, K: Code<DB>>(
    deployment: &Deployment<'a, DB, K>,
    options: &Options<'_>,
) -> Migrator<'a, DB, K> {
    let migrator = deployment.migrator();
    match options.settings {
        Some(settings) => migrator.settings(settings.clone()),
        None => migrator,
    }
}

/// The tables of a database, as large as they are now: what a rehearsal keeps of its copy, so that
/// [`forecast()`] can scale what it measured.
///
/// # Errors
/// Where the database cannot be read.
pub fn table_sizes<DB: Engine>(conn: &mut DB::Connection) -> Result<Vec<TableSize>, ForecastError> {
    let mut ask = live::asking::<DB, _>(conn);
    live::sizes(DB::DIALECT, &mut ask).map_err(|source| ForecastError::Database {
        doing: "the sizes of tables",
        source,
    })
}

/// A script as it is kept in the set, with its statements and directives.
pub(crate) fn script_file(script: &Text, direction: Direction, dialect: Dialect) -> ScriptFile {
    let mut file = ScriptFile::of_text(direction, &script.path, &script.text(), dialect);
    file.transaction = script.transaction;
    file.rust = script.rust.then(String::new);
    file
}

/// Whether a statement waits for every transaction that is older than itself.
fn waits_for_all_others(told: &Foretold) -> bool {
    told.effects.iter().any(|effect| {
        effect.lock == Lock::Postgres(Mode::ShareUpdateExclusive)
            && matches!(
                effect.form,
                Form::CreateIndex | Form::DropIndex | Form::Reindex
            )
    })
}

fn way_back(down: &Down, dialect: Dialect) -> WayBack {
    match down {
        Down::Script(script) => {
            let file = script_file(script, Direction::Down, dialect);
            let loses = lost(&file, dialect);
            match loses.is_empty() {
                true => WayBack::Reversible,
                false => WayBack::Lossy {
                    loses: loses.iter().map(ToString::to_string).collect(),
                },
            }
        }
        Down::Irreversible { reason } => WayBack::Irreversible {
            reason: reason.to_string(),
        },
        Down::Missing => WayBack::Missing,
    }
}

/// Fills in how long the ways back take, from the newest on.
fn reverts(
    pending: &[&Migration],
    migrations: &mut [MigrationForecast],
    schema: &mut Schema,
    estimator: Estimator<'_>,
) {
    for (migration, forecast) in pending.iter().zip(migrations).rev() {
        let Down::Script(script) = &migration.down else {
            continue;
        };
        let file = script_file(script, Direction::Down, estimator.dialect);
        let foretold = foretell(&file, schema, None);
        let script = Script {
            version: &forecast.version,
            file: &file,
            dialect: estimator.dialect,
            levels: None,
        };
        let mut revert = statement::duration(&script.statements(&foretold, estimator));
        if file.rust.is_some() {
            revert = revert.plus(Estimate::UNKNOWN);
        }
        forecast.revert = Some(revert);
    }
}

/// Fills in how long each lock is held.
fn hold(migrations: &mut [MigrationForecast], transactions: Transactions) {
    let rust = |migration: &MigrationForecast| match migration.rust {
        true => Estimate::UNKNOWN,
        false => Estimate::NONE,
    };
    if transactions == Transactions::All {
        let after = Estimate::sum(migrations.iter().map(rust));
        let statements = migrations.iter_mut().flat_map(|it| &mut it.statements);
        return statement::hold(&mut statements.collect::<Vec<_>>(), after);
    }
    for migration in migrations {
        let after = rust(migration);
        statement::hold(
            &mut migration.statements.iter_mut().collect::<Vec<_>>(),
            after,
        );
    }
}

/// The tables that others may be kept from, with the strongest class of lock on each.
fn locked(migrations: &[MigrationForecast]) -> Vec<(String, Blocked)> {
    let mut locked: Vec<(String, Blocked)> = Vec::new();
    for lock in locks(migrations) {
        let Some(table) = &lock.table else { continue };
        let blocks = match lock.momentary {
            true => Blocked::ReadsAndWrites,
            false => lock.blocks,
        };
        match locked.iter_mut().find(|(there, _)| there == table) {
            Some((_, there)) => *there = blocks.max(*there),
            None => locked.push((table.clone(), blocks)),
        }
    }
    locked
}

fn locks(migrations: &[MigrationForecast]) -> impl Iterator<Item = &LockForecast> {
    let statements = migrations.iter().flat_map(|it| &it.statements);
    statements.flat_map(|it| &it.locks)
}

/// The tables that are locked or worked on.
fn touched(migrations: &[MigrationForecast]) -> Vec<String> {
    let statements = migrations.iter().flat_map(|it| &it.statements);
    let mut tables: Vec<String> = statements.flat_map(|it| &it.tables).cloned().collect();
    tables.extend(locks(migrations).filter_map(|it| it.table.clone()));
    tables.sort();
    tables.dedup();
    tables
}

/// The longest statement.
fn longest(migrations: &[MigrationForecast]) -> Option<Estimate> {
    let statements = migrations.iter().flat_map(|it| &it.statements);
    let durations = statements.map(|it| it.duration);
    durations.reduce(|a, b| Estimate {
        seconds: a.seconds.max(b.seconds),
        basis: a.basis.max(b.basis),
    })
}

/// The longest time that somebody is kept away; a time that nobody knows is longer than any other. A
/// table that the run makes itself has no users yet.
fn longest_stall(migrations: &[MigrationForecast], tables: &[TableSize]) -> Option<Stall> {
    let is_there = move |table: &Option<String>| {
        let mut tables = tables.iter();
        table
            .as_ref()
            .is_none_or(|name| tables.any(|it| it.table == *name))
    };
    let stalls = migrations.iter().flat_map(|migration| {
        migration.statements.iter().flat_map(move |statement| {
            let stall = move |table: &Option<String>, mode: &str, blocks, duration| Stall {
                table: table.clone(),
                version: migration.version.clone(),
                statement: statement.statement,
                mode: mode.to_owned(),
                blocks,
                duration,
            };
            let known = statement
                .locks
                .iter()
                .filter(move |it| verdict::stalls(it.blocks) && is_there(&it.table));
            let known = known.map(move |it| stall(&it.table, &it.mode, it.blocks, it.held));
            let unknown = statement.unknown.iter();
            let duration = statement.duration.plus(Estimate::UNKNOWN);
            let worst = Blocked::ReadsAndWrites;
            known.chain(unknown.map(move |_| stall(&None, "unknown", worst, duration)))
        })
    });
    stalls.max_by(|a, b| {
        let key = |it: &Stall| it.duration.basis == Basis::Unknown;
        key(a)
            .cmp(&key(b))
            .then(a.duration.seconds.total_cmp(&b.duration.seconds))
            .then(a.blocks.cmp(&b.blocks))
            // Of two that are equal the first one counts.
            .then(std::cmp::Ordering::Greater)
    })
}

fn point_of_no_return(migrations: &[MigrationForecast]) -> Option<PointOfNoReturn> {
    migrations.iter().find_map(|migration| {
        let reason = match &migration.way_back {
            WayBack::Irreversible { reason } => format!("it is irreversible: {reason}"),
            WayBack::Missing => "it has no way back".to_owned(),
            _ if !migration.loses.is_empty() => {
                format!("it throws away {}", migration.loses.join(", "))
            }
            _ => return None,
        };
        Some(PointOfNoReturn {
            version: migration.version.clone(),
            reason,
        })
    })
}

fn rollback_loses(migrations: &[MigrationForecast]) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for migration in migrations {
        let down = match &migration.way_back {
            WayBack::Lossy { loses } => &**loses,
            _ => &[],
        };
        for lost in migration.loses.iter().chain(down) {
            if !all.contains(lost) {
                all.push(lost.clone());
            }
        }
    }
    all
}

fn window(
    migrations: &[MigrationForecast],
    apply: Estimate,
    validate: Estimate,
    options: &Options<'_>,
) -> Window {
    let reverts = migrations.iter().map(|it| it.revert);
    let rollback = Estimate::sum(reverts.map(|it| it.unwrap_or(Estimate::UNKNOWN)));
    let needed = apply.plus(validate).plus(rollback);
    let limit = options.thresholds.window.map(|it| it.as_secs_f64());
    Window {
        limit_seconds: limit,
        apply,
        validate,
        rollback,
        needed,
        // What has no way back is not waited for.
        fits: limit
            .map(|limit| apply.plus(validate).basis != Basis::Unknown && needed.seconds <= limit),
    }
}

fn backup_age(options: &Options<'_>) -> BackupAge {
    let age = options
        .backup_made_at
        .map(|made| Timestamp::now().duration_since(made).as_secs_f64());
    BackupAge {
        made_at: options.backup_made_at.map(time::text),
        age_seconds: age,
        max_age_seconds: options.thresholds.max_backup_age.map(|it| it.as_secs_f64()),
    }
}
