//! Keeping what a script is not about out of SQLite's sight.
//!
//! SQLite parses the whole schema anew after every rollback and several times for every ALTER TABLE,
//! so that the time for a set would grow with the square of its size. What scripts do not name is
//! therefore set aside: its entries leave `sqlite_schema` while its pages stay in the database, and
//! come back before a script that names it.
//!
//! Nobody can tell the difference: a statement sees what it names and what this names in turn (see
//! [`Naming`]), and ALTER TABLE, which looks whether all views and triggers are still sound, sees none
//! set aside that is not.

use std::collections::BTreeMap;

use migrate_core::{Dialect, ScriptFile};

use super::connection::{Connection, Failure, Row};
use super::naming::{Naming, is_out_of_sight, statements};

/// How many tables and views that the scripts at hand do not need may stay: a set this small is left
/// alone. Each one more makes every change of a schema slower, each one less makes exchanges more
/// frequent.
const CROWD: usize = 2;

/// What is set aside.
#[derive(Debug)]
pub(super) struct Aside {
    /// Rows of `sqlite_schema`, by the table or view that they belong to, in lower case.
    rows: BTreeMap<String, Vec<Row>>,
    /// How many that are not needed may stay; `None` once nothing may be set aside any more.
    pub(super) crowd: Option<usize>,
}

impl Aside {
    pub(super) fn new() -> Self {
        Aside {
            rows: BTreeMap::new(),
            crowd: Some(CROWD),
        }
    }

    /// Makes sure that what these scripts are about is in the database, and little else.
    pub(super) fn make_room<'s>(
        &mut self,
        connection: &Connection,
        naming: &mut Naming,
        columns: Option<&TwoColumns>,
        scripts: impl Iterator<Item = &'s ScriptFile>,
    ) -> Result<(), Failure> {
        let Some(crowd) = self.crowd else {
            return Ok(());
        };
        let statements: Vec<Vec<String>> = scripts.flat_map(statements).collect();
        if statements.iter().any(|words| is_out_of_sight(words)) {
            return self.give_up(connection, naming);
        }
        if self.rows.is_empty() && naming.here().len() <= crowd {
            return Ok(());
        }
        let Some(needed) = naming.needed(&statements) else {
            return self.exchange(connection, naming, &[], &self.all());
        };
        let mut leaving: Vec<String> = naming
            .here()
            .difference(&needed)
            // SQLite folds ASCII only.
            .filter(|table| table.is_ascii())
            .cloned()
            .collect();
        if leaving.len() <= crowd {
            leaving.clear();
        } else if !is_seen_to_be_sound(connection, naming, columns) && !is_sound(connection)? {
            return self.give_up(connection, naming);
        }
        let missing = needed.iter().filter(|table| self.rows.contains_key(*table));
        let missing: Vec<String> = missing.cloned().collect();
        self.exchange(connection, naming, &leaving, &missing)
    }

    /// Brings everything back, for good.
    fn give_up(&mut self, connection: &Connection, naming: &mut Naming) -> Result<(), Failure> {
        self.crowd = None;
        self.exchange(connection, naming, &[], &self.all())
    }

    fn all(&self) -> Vec<String> {
        self.rows.keys().cloned().collect()
    }

    fn exchange(
        &mut self,
        connection: &Connection,
        naming: &mut Naming,
        leaving: &[String],
        coming: &[String],
    ) -> Result<(), Failure> {
        if leaving.is_empty() && coming.is_empty() {
            return Ok(());
        }
        connection.edit_catalogue(|connection| {
            for table in leaving {
                let rows = connection.query(ROWS_OF, &[table])?;
                connection.query(DELETE, &[table])?;
                naming.leaves(table);
                self.rows.insert(table.clone(), rows);
            }
            for table in coming {
                for row in self.rows.remove(table).unwrap_or_default() {
                    connection.insert(INSERT, &row)?;
                }
                naming.comes_back(table);
            }
            Ok(())
        })
    }
}

const ROWS_OF: &str = "SELECT type, name, tbl_name, CAST(rootpage AS TEXT), sql FROM sqlite_master WHERE tbl_name = ? COLLATE NOCASE ORDER BY rowid";
const DELETE: &str = "DELETE FROM sqlite_master WHERE tbl_name = ? COLLATE NOCASE";
const INSERT: &str = "INSERT INTO sqlite_master (type, name, tbl_name, rootpage, sql) VALUES (?, ?, ?, CAST(? AS INTEGER), ?)";

/// A table that is there, and two of its columns.
pub(super) struct TwoColumns {
    pub(super) table: String,
    pub(super) columns: [String; 2],
}

/// [`is_sound`], where that is seen at less expense: SQLite looks at everything before it finds that a
/// column cannot get the name of another, and then has changed nothing that it would have to read again.
/// `false` says nothing.
fn is_seen_to_be_sound(
    connection: &Connection,
    naming: &Naming,
    columns: Option<&TwoColumns>,
) -> bool {
    // Strings in double quotes are looked for only after a rename.
    let Some(TwoColumns { table, columns }) = columns.filter(|_| !naming.has_double_quotes())
    else {
        return false;
    };
    let quote = |name: &str| Dialect::Sqlite.quote_identifier(name);
    let [one, other] = columns;
    let rename = format!(
        "ALTER TABLE {} RENAME COLUMN {} TO {}",
        quote(table),
        quote(one),
        quote(other)
    );
    let expected = format!("after rename: duplicate column name: {other}");
    connection
        .execute(&rename)
        .is_err_and(|failure| failure.message.ends_with(&expected))
}

/// Whether all views and triggers that are there can run. ALTER TABLE fails for any that cannot,
/// whatever it is about, and of its forms those about columns are the strictest: they take no index
/// over a string in double quotes.
fn is_sound(connection: &Connection) -> Result<bool, Failure> {
    connection.execute("SAVEPOINT probe")?;
    connection.execute("CREATE TABLE \"migrate probe\" (a)")?;
    let sound = connection.execute("ALTER TABLE \"migrate probe\" RENAME COLUMN a TO b");
    connection.execute("ROLLBACK TO probe")?;
    connection.execute("RELEASE probe")?;
    Ok(sound.is_ok())
}
