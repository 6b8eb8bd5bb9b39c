//! Rights that pending migrations need and the user does not have.

mod mysql;
mod needs;
mod postgres;

use diesel::QueryResult;
use migrate_core::{Dialect, Direction};
use migrate_runtime::{Code, Row};
use serde::{Deserialize, Serialize};

use super::{ExecuteError, Options, session};
use crate::Deployment;
use crate::connect::{DatabaseUrl, Engine, Open};
use needs::Need;
use tokio::runtime::Runtime;

/// A right that a pending migration needs and the user, or the role that it takes on, does not have.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct MissingRight {
    /// The first migration that needs it.
    pub version: String,
    /// What is missing, as in `CREATE on schema public` or `ownership of table orders`.
    pub right: String,
}

/// Looks which rights the pending migrations need and the user does not have. What cannot be
/// followed in them is not looked at, and what they make themselves is theirs: none missing is no
/// promise, but what is missing is missing.
///
/// SQLite has no rights: there it is never any.
///
/// # Errors
/// Where the database cannot be asked.
pub fn missing_rights<DB: Engine, K: Code<DB>>(
    deployment: &Deployment<'_, DB, K>,
    options: &Options<'_>,
) -> Result<Vec<MissingRight>, ExecuteError> {
    if DB::DIALECT == Dialect::Sqlite {
        return Ok(Vec::new());
    }
    let mut connection = session::open(deployment, options)?;
    let status = deployment.migrator().status(&mut connection)?;
    let mut needs: Vec<(String, Need)> = Vec::new();
    for row in status.pending() {
        let script = deployment
            .set
            .get(&row.version)
            .and_then(|migration| migration.script(Direction::Up));
        let Some(script) = script else { continue };
        for need in needs::of(&script.text(), DB::DIALECT) {
            if needs.iter().all(|(_, known)| *known != need) {
                needs.push((row.version.to_string(), need));
            }
        }
    }
    let mut ask = |sql: &str| DB::rows(&mut connection, sql);
    let missing = match DB::DIALECT {
        Dialect::Postgres => postgres::missing(&needs, &mut ask),
        _ => mysql::missing(&needs, &mut ask),
    };
    missing.map_err(|source| ExecuteError::Rights { source })
}

/// Rights that the user does not have through whom a run is watched: without them the monitor does not
/// see what other sessions do. Each with what it is for.
///
/// # Errors
/// Where the database cannot be asked.
pub fn rights_missing_to_watch<DB: Engine, K: Code<DB>>(
    deployment: &Deployment<'_, DB, K>,
    options: &Options<'_>,
) -> Result<Vec<String>, ExecuteError> {
    let url = options.monitor.unwrap_or(deployment.url);
    if DB::DIALECT == Dialect::Sqlite {
        return Ok(Vec::new());
    }
    let mut connection = DB::connect(url, Open::Existing, deployment.runtime)?.connection;
    let mut ask = |sql: &str| DB::rows(&mut connection, sql);
    let missing = match DB::DIALECT {
        Dialect::Postgres => postgres::missing_to_watch(&mut ask),
        _ => mysql::missing_to_watch(&mut ask),
    };
    missing.map_err(|source| ExecuteError::Rights { source })
}

/// Rights that a user lacks to make a database of a name beside others, restore a backup into it and
/// drop it again.
///
/// # Errors
/// Where the server cannot be asked.
pub fn rights_missing_on_scratch<DB: Engine>(
    url: &DatabaseUrl,
    runtime: &Runtime,
) -> Result<Vec<String>, ExecuteError> {
    if DB::DIALECT == Dialect::Sqlite {
        return Ok(Vec::new());
    }
    let mut connection = DB::connect(url, Open::Existing, runtime)?.connection;
    let mut ask = |sql: &str| DB::rows(&mut connection, sql);
    let missing = match DB::DIALECT {
        Dialect::Postgres => postgres::missing_on_scratch(&mut ask),
        _ => mysql::missing_on_scratch(&mut ask),
    };
    missing.map_err(|source| ExecuteError::Rights { source })
}

/// Puts a question whose answer is text.
type Ask<'a> = dyn FnMut(&str) -> QueryResult<Vec<Row>> + 'a;
