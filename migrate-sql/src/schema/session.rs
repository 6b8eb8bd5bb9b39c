//! What MySQL's sessions remember from one statement to the next.

use std::collections::BTreeMap;

/// A value that is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Known {
    Null,
    Number(i64),
    Text(String),
    /// The name of the current database, whatever it is.
    Database,
}

/// Variables by name. One that is not here has a value that is not known.
pub(super) type Variables = BTreeMap<String, Known>;

/// Variables and prepared statements; they end with the script.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Session {
    pub(super) variables: Variables,
    /// The texts of prepared statements by their names.
    pub(super) prepared: BTreeMap<String, String>,
}
