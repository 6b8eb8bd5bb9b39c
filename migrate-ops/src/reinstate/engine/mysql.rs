//! MySQL and MariaDB: refused. A database cannot be renamed there. Its tables could be moved (RENAME
//! TABLE), but
//!
//! - no statement passes from LOCK TABLES, which keeps writers away, to the locks of a RENAME of many
//!   tables: those are taken one after the other, and a writer that waits for a later table gets in between.
//!   It would be told of a commit that is in the old tables only;
//! - `read_only` keeps that writer away, but also those of every other database of the server, and nobody
//!   who has the right to ignore it;
//! - a table with triggers is not moved to another database at all, and views, routines and events are not
//!   moved but made anew, one at a time: a crash in between leaves neither the old database nor the new one.

use diesel::mysql::Mysql;

use super::Ground;
use crate::connect::Engine;
use crate::reinstate::error::ReinstateError;
use crate::reinstate::evidence::Fence;

/// Nothing is ever held.
pub enum Held {}

impl super::Reinstate for Mysql {
    type Held = Held;

    fn obstacles(_: &Ground<'_, Self>) -> Result<Vec<String>, ReinstateError> {
        Ok(vec![refusal()])
    }

    fn fence(_: &Ground<'_, Self>) -> Result<(Held, Fence), ReinstateError> {
        Err(ReinstateError::Obstacles(vec![refusal()]))
    }

    fn reader(held: &mut Held) -> &mut <Mysql as Engine>::Connection {
        match *held {}
    }

    fn blind(_: &Ground<'_, Self>, held: &mut Held) -> Result<Vec<String>, ReinstateError> {
        match *held {}
    }

    fn exchange(_: &Ground<'_, Self>, _: &mut Option<Held>) -> Result<Vec<String>, ReinstateError> {
        Err(ReinstateError::Obstacles(vec![refusal()]))
    }

    fn is_exchanged(_: &Ground<'_, Self>) -> Result<bool, ReinstateError> {
        Ok(false)
    }

    fn lift(_: &Ground<'_, Self>, _: Option<Held>) -> Result<(), ReinstateError> {
        Ok(())
    }
}

fn refusal() -> String {
    "MySQL and MariaDB cannot rename a database, and its tables cannot be moved so that no writer gets in between \
     and no crash leaves a part of each; restore beside it with `migrate restore BACKUP --as NAME`, and point the \
     application there"
        .to_owned()
}
