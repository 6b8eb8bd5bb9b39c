//! What stands in the way of a script that may itself be right.

use diesel::result::{DatabaseErrorKind, Error as DieselError};

/// Why a statement failed where not its text is at fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Obstacle {
    /// The database user may not do what the statement does.
    Rights,
    /// There is no room: a disk, a quota or a tablespace is full.
    Space,
    /// The connection is gone.
    Connection,
}

impl Obstacle {
    /// What to do about it, as the beginning of a sentence that goes on with what to run then.
    pub(crate) fn advice(self) -> &'static str {
        match self {
            Obstacle::Rights => "give the database user the right that it lacks",
            Obstacle::Space => "make room for the database",
            Obstacle::Connection => "see that the database can be reached",
        }
    }

    /// What an error says, by the pieces of messages that a database has for each.
    ///
    /// diesel hands on no error code, only the message; one that is not known, because it is
    /// translated, is taken for a mistake in the script.
    pub(crate) fn of(error: &DieselError, messages: &[(Obstacle, &[&str])]) -> Option<Obstacle> {
        use DatabaseErrorKind::{ClosedConnection, UnableToSendCommand};
        let message = match error {
            DieselError::BrokenTransactionManager
            | DieselError::DatabaseError(ClosedConnection | UnableToSendCommand, _) => {
                return Some(Obstacle::Connection);
            }
            DieselError::DatabaseError(_, information) => information.message(),
            _ => return None,
        };
        let said = |pieces: &[&str]| pieces.iter().any(|piece| message.contains(piece));
        let found = messages.iter().find(|(_, pieces)| said(pieces));
        found.map(|(obstacle, _)| *obstacle)
    }
}
