//! How far a replica is behind, asked on the replica itself: a primary knows little of it on
//! PostgreSQL, and nothing on MySQL. One module a database; nothing is written.

mod mysql;
mod postgres;
mod sqlite;

use diesel::QueryResult;
use diesel::connection::LoadConnection;
use migrate_runtime::Database;
use serde::{Deserialize, Serialize};
use tokio::runtime::Runtime;

use crate::connect::{ConnectError, DatabaseUrl, Engine, Open};

/// How far a replica is behind its primary.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Lag {
    /// So far.
    Behind {
        /// In seconds.
        seconds: f64,
    },
    /// Nobody can tell, or ever further: it does not replay.
    NotKnown {
        /// Why: a clause without a final period.
        reason: String,
    },
}

impl Lag {
    /// The seconds, where they are known.
    pub fn seconds(&self) -> Option<f64> {
        match self {
            Lag::Behind { seconds } => Some(*seconds),
            Lag::NotKnown { .. } => None,
        }
    }
}

/// A diesel backend whose replicas can be asked.
///
/// The trait is sealed through [`migrate_runtime::Database`].
pub trait Replicate: Database {
    /// The right that it takes to ask.
    #[doc(hidden)]
    const RIGHT: &'static str;

    /// How far the server that a connection leads to is behind its primary; `None` where it is no
    /// replica.
    #[doc(hidden)]
    fn lag<C: LoadConnection<Backend = Self>>(conn: &mut C) -> QueryResult<Option<Lag>>;
}

/// Why a replica cannot be asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReplicaError {
    /// There is no connection.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// It does not tell.
    #[error("cannot ask the replica {replica} how far it is behind; {right} lets a user ask")]
    Question {
        /// The replica, without its password; so in every variant.
        replica: String,
        /// The right that it takes.
        right: &'static str,
        /// What it said.
        #[source]
        source: diesel::result::Error,
    },
    /// It is none.
    #[error("{replica} is no replica: it follows nobody")]
    NoReplica {
        /// The server.
        replica: String,
    },
}

/// A connection to a replica.
pub(crate) struct Asked<DB: Engine> {
    name: String,
    connection: DB::Connection,
}

impl<DB: Engine> Asked<DB> {
    /// Connects.
    pub(crate) fn connect(url: &DatabaseUrl, runtime: &Runtime) -> Result<Self, ReplicaError> {
        Ok(Asked {
            name: url.shown(),
            connection: DB::connect(url, Open::Existing, runtime)?.connection,
        })
    }

    /// How far it is behind.
    pub(crate) fn lag(&mut self) -> Result<Lag, ReplicaError> {
        let lag = DB::lag(&mut self.connection).map_err(|source| ReplicaError::Question {
            replica: self.name.clone(),
            right: DB::RIGHT,
            source,
        })?;
        lag.ok_or_else(|| ReplicaError::NoReplica {
            replica: self.name.clone(),
        })
    }
}

/// How far a replica is behind, asked on a new connection.
///
/// # Errors
/// Where it cannot be asked, or is no replica.
pub fn lag<DB: Engine>(url: &DatabaseUrl, runtime: &Runtime) -> Result<Lag, ReplicaError> {
    Asked::<DB>::connect(url, runtime)?.lag()
}
