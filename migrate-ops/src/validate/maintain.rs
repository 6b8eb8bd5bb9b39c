//! Statistics refreshed and space given back in the tables that a run touched: the one thing here that
//! writes, and only where it is asked for.

use diesel::connection::LoadConnection;
use migrate_core::Direction;
use migrate_runtime::Code;
use migrate_sql::check::Touched;

use super::check::{Finding, check};
use super::error::ValidateError;
use super::evidence::{Check, CheckKind};
use super::inspect::Inspect;
use crate::connect::{Engine, Open};
use crate::deployment::Deployment;
use crate::digest::Table;
use crate::forecast::script_file;

use super::run::Options;

/// What is done to the tables that a run touched. By default nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Maintain {
    /// Their statistics are refreshed (ANALYZE).
    pub analyze: bool,
    /// Their dead rows give back their space, as far as that keeps nobody away: VACUUM on PostgreSQL,
    /// an ALTER TABLE … FORCE on MySQL and MariaDB that is refused where it would lock. Statistics
    /// are refreshed with it. SQLite gives space back only while nobody may write, which is not done.
    pub vacuum: bool,
}

/// Which of the tables that are there the migrations of these versions changed.
pub(super) fn touched<DB: Engine, K: Code<DB>>(
    deployment: &Deployment<'_, DB, K>,
    is_of_run: impl Fn(&str) -> bool,
) -> Touched {
    let mut touched = Touched::default();
    let migrations = deployment.set.migrations().iter();
    for migration in migrations.filter(|it| is_of_run(&it.version.to_string())) {
        let file = script_file(&migration.up, Direction::Up, DB::DIALECT);
        touched.add(&file, DB::DIALECT);
    }
    touched
}

/// Does it, a check for each table and kind of work; `done` says whether to go on.
pub(super) fn maintain<DB: Engine, K: Code<DB>>(
    deployment: &Deployment<'_, DB, K>,
    options: &Options,
    tables: &[&Table],
    done: &mut dyn FnMut(Check) -> bool,
) -> Result<(), ValidateError> {
    let Maintain { analyze, vacuum } = options.maintain;
    if tables.is_empty() || !(analyze || vacuum) {
        return Ok(());
    }
    // Another connection than the one that only reads.
    let mut conn = deployment.connect(Open::Existing)?.connection;
    DB::ready_to_maintain(&mut conn, options.statement_timeout).map_err(ValidateError::Session)?;
    for table in tables {
        let kinds = [
            (vacuum, CheckKind::Vacuum),
            (analyze || vacuum, CheckKind::Statistics),
        ];
        for (_, kind) in kinds.into_iter().filter(|(asked, _)| *asked) {
            if !done(work::<DB, _>(&mut conn, table, kind)) {
                return Err(ValidateError::Stopped);
            }
        }
    }
    Ok(())
}

fn work<DB: Inspect, C: LoadConnection<Backend = DB>>(
    conn: &mut C,
    table: &Table,
    kind: CheckKind,
) -> Check {
    check(kind, table.key(), || {
        let (schema, name) = (table.schema.as_deref(), table.name.as_str());
        let why = match kind {
            CheckKind::Vacuum => DB::vacuum(conn, schema, name)?,
            _ => DB::analyze(conn, schema, name)?,
        };
        Ok(match why {
            None => Finding::passed(),
            Some(why) => Finding::not_checked(format!("not done: {why}")),
        })
    })
}
