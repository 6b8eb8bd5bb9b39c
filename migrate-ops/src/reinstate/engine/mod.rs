//! What differs between the databases; one module each.

mod mysql;
mod postgres;
mod sqlite;

use migrate_runtime::Database;

use super::error::ReinstateError;
use super::evidence::Fence;
use super::names::Names;
use crate::backup::engine::Place;
use crate::connect::{DatabaseUrl, Engine};

/// A diesel backend in whose databases' place a backup can be put.
///
/// The trait is sealed through [`migrate_runtime::Database`].
pub trait Reinstate: Database {
    /// Keeps writers away while it lives; [`lift`](Reinstate::lift) takes it away.
    #[doc(hidden)]
    type Held;

    /// What makes it impossible here, a line each.
    #[doc(hidden)]
    fn obstacles(ground: &Ground<'_, Self>) -> Result<Vec<String>, ReinstateError>
    where
        Self: Engine;

    /// Keeps everybody but this run from writing, and waits until nobody does any more. Where it
    /// fails, whoever calls takes away what of it may stand.
    #[doc(hidden)]
    fn fence(ground: &Ground<'_, Self>) -> Result<(Self::Held, Fence), ReinstateError>
    where
        Self: Engine;

    /// A connection that may read the database under the fence.
    #[doc(hidden)]
    fn reader(held: &mut Self::Held) -> &mut Self::Connection
    where
        Self: Engine;

    /// What no comparison sees and is there, a line each.
    #[doc(hidden)]
    fn blind(
        ground: &Ground<'_, Self>,
        held: &mut Self::Held,
    ) -> Result<Vec<String>, ReinstateError>
    where
        Self: Engine;

    /// Lets the two change places, all at once, while nobody else writes: afterwards what was restored
    /// beside is in the database's place, and the old contents are under the name to keep. Where it
    /// fails, the database is as it was.
    #[doc(hidden)]
    fn exchange(
        ground: &Ground<'_, Self>,
        held: &mut Option<Self::Held>,
    ) -> Result<Vec<String>, ReinstateError>
    where
        Self: Engine;

    /// Whether the two have changed places, asked after an interruption.
    #[doc(hidden)]
    fn is_exchanged(ground: &Ground<'_, Self>) -> Result<bool, ReinstateError>
    where
        Self: Engine;

    /// Drops what was restored beside; and where the two have not changed places, whatever copy of the
    /// old contents may have been begun.
    #[doc(hidden)]
    fn clear(ground: &Ground<'_, Self>, _exchanged: bool) -> Result<(), ReinstateError>
    where
        Self: Engine,
    {
        Ok(Self::drop(&ground.place.at(ground.beside))?)
    }

    /// Takes the fence away, also one that another process has left.
    #[doc(hidden)]
    fn lift(ground: &Ground<'_, Self>, held: Option<Self::Held>) -> Result<(), ReinstateError>
    where
        Self: Engine;
}

/// The database, and the names beside it.
pub struct Ground<'a, DB: Engine> {
    pub(super) place: Place<'a, DB>,
    pub(super) names: &'a Names,
    /// The database that the backup is restored into.
    pub(super) beside: &'a DatabaseUrl,
}

impl<DB: Engine> Ground<'_, DB> {
    /// The name of the database; of SQLite the path.
    fn database(&self) -> &str {
        self.place.url.database.as_deref().unwrap_or_default()
    }

    /// For `map_err`: the database refuses something.
    fn refuses(
        &self,
        doing: &'static str,
    ) -> impl Fn(diesel::result::Error) -> ReinstateError + use<DB> {
        let database = self.place.url.shown();
        move |source| ReinstateError::Database {
            database: database.clone(),
            doing,
            source,
        }
    }

    /// Rows of text.
    fn rows(
        &self,
        connection: &mut DB::Connection,
        doing: &'static str,
        sql: &str,
    ) -> Result<Vec<migrate_runtime::Row>, ReinstateError> {
        DB::rows(connection, sql).map_err(self.refuses(doing))
    }

    /// The first column of rows of text, without NULLs.
    fn column(
        &self,
        connection: &mut DB::Connection,
        doing: &'static str,
        sql: &str,
    ) -> Result<Vec<String>, ReinstateError> {
        let rows = self.rows(connection, doing, sql)?;
        Ok(rows
            .into_iter()
            .filter_map(|row| row.into_iter().next().flatten())
            .collect())
    }
}
