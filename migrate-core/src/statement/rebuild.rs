//! SQLite's way to change a table: make a new one, copy, drop the old one, rename.

use super::cursor::Cursor;
use super::sqlite::pragma_parts;
use crate::Dialect;

/// Where a SQLite script switches foreign keys; indices of statements.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ForeignKeyPragmas {
    /// `PRAGMA foreign_keys = off` before everything but other pragmas.
    pub leading: Option<usize>,
    /// `PRAGMA foreign_keys = on` after everything but other pragmas.
    pub trailing: Option<usize>,
    /// `PRAGMA foreign_keys = on` before everything but other pragmas, in a script that never
    /// switches them off: it wants to run with keys on.
    pub wanted: Option<usize>,
    /// Any other statement that sets it, which inside a transaction has no effect.
    pub inner: Vec<usize>,
}

/// Finds the statements of a SQLite script that set `PRAGMA foreign_keys`.
///
/// ```
/// use migrate_core::statement::foreign_key_pragmas;
/// let found = foreign_key_pragmas(&["PRAGMA foreign_keys=off", "DROP TABLE a", "PRAGMA foreign_keys(1)"]);
/// assert_eq!((found.leading, found.trailing), (Some(0), Some(2)));
/// ```
pub fn foreign_key_pragmas(statements: &[&str]) -> ForeignKeyPragmas {
    let pragmas: Vec<Option<Option<Switch>>> = statements.iter().map(|s| pragma(s)).collect();
    let is = |index: usize, switch| pragmas.get(index) == Some(&Some(Some(switch)));
    let first = pragmas.iter().position(Option::is_none);
    let last = pragmas.iter().rposition(Option::is_none);
    let (first, last) = match (first, last) {
        (Some(first), Some(last)) => (first, last),
        // Nothing but pragmas.
        _ => (pragmas.len(), pragmas.len()),
    };
    let leading = (0..first).find(|&i| is(i, Switch::Off));
    let trailing = (last + 1..pragmas.len()).rfind(|&i| is(i, Switch::On));
    let never_off = (0..pragmas.len()).all(|i| !is(i, Switch::Off));
    let wanted = (0..first).find(|&i| never_off && is(i, Switch::On));
    let sets = |i: &usize| matches!(pragmas.get(*i), Some(Some(Some(_))));
    ForeignKeyPragmas {
        leading,
        trailing,
        wanted,
        inner: (0..pragmas.len())
            .filter(sets)
            .filter(|i| ![leading, trailing, wanted].contains(&Some(*i)))
            .collect(),
    }
}

impl ForeignKeyPragmas {
    /// Whether a statement is the runner's to do, outside the transaction.
    pub fn done_by_runner(&self, index: usize) -> bool {
        [self.leading, self.trailing, self.wanted].contains(&Some(index))
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Switch {
    On,
    Off,
}

/// For a PRAGMA whether it sets foreign keys, and how; none for another statement. What is no
/// word for on is off, as SQLite reads it.
fn pragma(statement: &str) -> Option<Option<Switch>> {
    let mut c = Cursor::new(statement, Dialect::Sqlite);
    if !c.eat("PRAGMA") {
        return None;
    }
    let (name, value) = match pragma_parts(&mut c) {
        Some((name, Some(value))) => (name, value),
        _ => return Some(None),
    };
    let number = value.parse::<i64>().is_ok_and(|n| n != 0);
    let on = number || ["on", "yes", "true"].contains(&value.as_str());
    Some((name == "foreign_keys").then_some(if on { Switch::On } else { Switch::Off }))
}

/// Whether a SQLite script rebuilds a table: creates a new one, copies the rows of the old one,
/// drops that, and gives its name to the new one, with any statements between.
///
/// With foreign keys on, dropping the old table deletes the rows that refer to it with ON DELETE
/// CASCADE.
pub fn is_table_rebuild(statements: &[&str]) -> bool {
    // CREATE TABLE … AS, DROP, RENAME at the least; most scripts are shorter.
    if statements.len() < 3 {
        return false;
    }
    let mut stages: Vec<Stage> = Vec::new();
    for statement in statements {
        let mut c = Cursor::new(statement, Dialect::Sqlite);
        if c.eat_all(&["CREATE", "TABLE"]) {
            c.eat_if_exists();
            if let Some(new) = c.name() {
                let copied = copied_from(&c);
                stages.push(Stage {
                    new: new.name.to_lowercase(),
                    copied,
                    dropped: None,
                });
            }
        } else if c.eat_one_of(&["INSERT", "REPLACE"]) {
            if c.any(|p| p.is("INTO"))
                && let Some(target) = c.name()
            {
                let target = target.name.to_lowercase();
                for stage in stages.iter_mut().filter(|stage| stage.new == target) {
                    stage.copied.extend(copied_from(&c));
                }
            }
        } else if c.eat_all(&["DROP", "TABLE"]) {
            c.eat_if_exists();
            if let Some(old) = c.name() {
                let old = old.name.to_lowercase();
                for stage in stages.iter_mut().filter(|s| s.copied.contains(&old)) {
                    stage.dropped = Some(old.clone());
                }
            }
        } else if c.eat_all(&["ALTER", "TABLE"])
            && let Some(from) = c.name()
            && c.eat_all(&["RENAME", "TO"])
            && let Some(to) = c.name()
        {
            let (from, to) = (from.name.to_lowercase(), to.name.to_lowercase());
            if stages
                .iter()
                .any(|stage| stage.new == from && stage.dropped.as_ref() == Some(&to))
            {
                return true;
            }
        }
    }
    false
}

/// A table that may be becoming another.
#[derive(Debug)]
struct Stage {
    new: String,
    copied: Vec<String>,
    dropped: Option<String>,
}

/// The tables that stand behind FROM and JOIN, in lower case.
fn copied_from(c: &Cursor<'_>) -> Vec<String> {
    let mut c = c.clone();
    let mut tables = Vec::new();
    while c.any(|p| p.is_one_of(&["FROM", "JOIN"])) {
        tables.extend(
            c.names()
                .into_iter()
                .flatten()
                .map(|n| n.name.to_lowercase()),
        );
    }
    tables
}
