//! The connection that migrations run on.

use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use migrate_core::Dialect;
use migrate_runtime::{Code, Database, Status};

use super::{ExecuteError, Options, monitor};
use crate::Deployment;
use crate::connect::{ConnectError, Connected, Engine, Open};

/// Opens the connection that migrations run on, as the role that they are to run as.
pub(super) fn open<DB: Engine, K: Code<DB>>(
    deployment: &Deployment<'_, DB, K>,
    options: &Options<'_>,
) -> Result<DB::Connection, ExecuteError> {
    let Connected {
        mut connection,
        cancel,
    } = deployment.connect(Open::Create)?;
    if let Some(on_connect) = options.on_connect {
        on_connect(cancel);
    }
    take_on::<DB>(&mut connection, options)?;
    Ok(connection)
}

/// How long a server that went away may take to come back, when it is to be asked what is there.
const COMES_BACK: Duration = Duration::from_secs(15);

/// [`open`], after the first connection has failed: the server may be on its way back.
pub(super) fn open_again<DB: Engine, K: Code<DB>>(
    deployment: &Deployment<'_, DB, K>,
    options: &Options<'_>,
) -> Result<DB::Connection, ExecuteError> {
    let begun = Instant::now();
    loop {
        match open(deployment, options) {
            Err(ExecuteError::Connect(ConnectError::Refused { .. }))
                if begun.elapsed() < COMES_BACK =>
            {
                std::thread::sleep(Duration::from_millis(250));
            }
            result => return result,
        }
    }
}

/// How the database stands, asked on a new connection.
pub(super) fn status<DB: Engine, K: Code<DB>>(
    deployment: &Deployment<'_, DB, K>,
    options: &Options<'_>,
) -> Result<Status, ExecuteError> {
    let mut connection = open_again(deployment, options)?;
    Ok(deployment.migrator().status(&mut connection)?)
}

/// Takes on the role.
pub(super) fn take_on<DB: Engine>(
    connection: &mut DB::Connection,
    options: &Options<'_>,
) -> Result<(), ExecuteError> {
    let Some(role) = &options.role else {
        return Ok(());
    };
    if DB::DIALECT == Dialect::Sqlite {
        return Err(ExecuteError::NoRoles);
    }
    let sql = format!("SET ROLE {}", DB::DIALECT.quote_identifier(role));
    connection
        .batch_execute(&sql)
        .map_err(|source| ExecuteError::Role {
            role: role.clone(),
            source,
        })
}

/// The number by which the monitor knows the session; `None` where sessions have none.
pub(super) fn number<DB: Database, C>(connection: &mut C) -> Option<u64>
where
    C: diesel::connection::LoadConnection<Backend = DB>,
{
    let watch = monitor::of(DB::DIALECT)?;
    let rows = DB::rows(connection, watch.own_session()).ok()?;
    rows.first()?.first()?.as_deref()?.parse().ok()
}
