//! The model of the database in memory, brought up to date after every script.
//!
//! Only what changed is read again: the entries of `sqlite_schema` that belong to the tables which
//! SQLite's authorizer named, after a rename all entries, and of the tables those whose entries differ.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use migrate_core::{Dialect, ScriptFile};

use super::aside::TwoColumns;
use super::connection::{Connection, Failure};
use super::naming::Naming;
use crate::catalogue::{self, COLUMNS, Catalogue, Entry, Row};
use crate::conflict::Origin;
use crate::name::{QualifiedName, Span};
use crate::schema::{Class, Object, ObjectId, Schema};

pub(super) struct Mirror {
    /// What `sqlite_schema` holds, by the table or view that it belongs to, in lower case.
    entries: BTreeMap<String, Vec<Entry>>,
    naming: Naming,
    schema: Schema,
    /// What stood where before it was read again, until [`commit`](Mirror::commit): the
    /// way down mostly brings back the same text, which is then not read a second time.
    before: BTreeMap<String, (Vec<Entry>, Object)>,
    /// The entries before a rehearsal, of what it has changed so far.
    undo: Option<BTreeMap<String, Vec<Entry>>>,
}

impl Catalogue for Connection {
    type Error = Failure;

    fn rows(&mut self, sql: &str, parameters: &[&str]) -> Result<Vec<Row>, Failure> {
        let rows = self.query(sql, parameters)?;
        Ok(rows
            .into_iter()
            .map(|row| {
                let mut values = row.into_iter();
                std::array::from_fn::<_, COLUMNS, _>(|_| values.next().flatten())
            })
            .collect())
    }
}

impl Mirror {
    pub(super) fn new() -> Self {
        Mirror {
            entries: BTreeMap::new(),
            naming: Naming::default(),
            schema: Schema::new(Dialect::Sqlite),
            before: BTreeMap::new(),
            undo: None,
        }
    }

    pub(super) fn schema(&self) -> &Schema {
        &self.schema
    }

    /// What the entries name, and which are in SQLite's sight; of these, two columns of a table.
    pub(super) fn naming(&mut self) -> (&mut Naming, Option<TwoColumns>) {
        self.naming.bring_up_to_date(&self.entries);
        let mut here = self.naming.here().iter();
        let columns = here.find_map(|table| match self.schema.get(&id_of(table)) {
            Some(Object::Table(found)) => match found.columns.as_slice() {
                [one, other, ..] => Some(TwoColumns {
                    table: table.clone(),
                    columns: [one.name.clone(), other.name.clone()],
                }),
                _ => None,
            },
            _ => None,
        });
        (&mut self.naming, columns)
    }

    /// Does something to the model, and undoes it.
    pub(super) fn foresee<R>(&mut self, what: impl FnOnce(&mut Schema) -> R) -> R {
        self.schema.begin();
        let result = what(&mut self.schema);
        self.schema.rollback();
        result
    }

    /// From here on, what stood where is kept.
    pub(super) fn begin(&mut self) {
        self.schema.begin();
    }

    /// Forgets what was kept since the last [`begin`](Mirror::begin).
    pub(super) fn commit(&mut self) {
        self.schema.commit();
        self.before.clear();
    }

    /// Begins a rehearsal, which [`rollback`](Mirror::rollback) ends.
    pub(super) fn rehearse(&mut self) {
        self.schema.begin();
        self.undo = Some(BTreeMap::new());
    }

    /// Puts everything back as it was when the rehearsal began.
    pub(super) fn rollback(&mut self) {
        self.schema.rollback();
        for (table, entries) in self.undo.take().unwrap_or_default() {
            self.set(table, entries);
        }
    }

    /// Reads what a script has changed: these tables, or any where a rename may have changed others
    /// that name what was renamed.
    pub(super) fn refresh(
        &mut self,
        connection: &mut Connection,
        touched: Option<&BTreeSet<String>>,
        script: &ScriptFile,
    ) -> Result<(), Failure> {
        let mut found: BTreeMap<String, Vec<Entry>> = BTreeMap::new();
        match touched {
            Some(touched) => {
                for table in touched {
                    let entries = catalogue::entries(connection, Some(table))?;
                    found.insert(table.clone(), entries);
                }
            }
            None => {
                let here = self.naming.perhaps_here();
                found.extend(here.map(|table| (table.clone(), Vec::new())));
                for entry in catalogue::entries(connection, None)? {
                    let table = entry.table.to_lowercase();
                    found.entry(table).or_default().push(entry);
                }
            }
        }
        for (table, entries) in found {
            let known = self.entries.get(&table);
            if known.map_or(&[][..], Vec::as_slice) == entries {
                continue;
            }
            let id = id_of(&table);
            let before = known.cloned().zip(self.schema.get(&id).cloned());
            match self.before.get(&table) {
                Some((same, object)) if *same == entries => self.schema.insert(object.clone()),
                _ => self.read_again(connection, &table, &entries, script)?,
            }
            if let Some(before) = before {
                self.before.entry(table.clone()).or_insert(before);
            }
            self.set(table, entries);
        }
        Ok(())
    }

    fn set(&mut self, table: String, entries: Vec<Entry>) {
        self.naming.changes(&table);
        let before = if entries.is_empty() {
            self.entries.remove(&table)
        } else {
            self.entries.insert(table.clone(), entries)
        };
        if let Some(undo) = &mut self.undo {
            undo.entry(table).or_insert(before.unwrap_or_default());
        }
    }

    fn read_again(
        &mut self,
        connection: &mut Connection,
        table: &str,
        entries: &[Entry],
        script: &ScriptFile,
    ) -> Result<(), Failure> {
        let id = id_of(table);
        let belonging: Vec<&Entry> = entries.iter().collect();
        let entry = entries
            .iter()
            .find(|entry| entry.name.eq_ignore_ascii_case(table) && entry.kind != "index");
        let object = match entry {
            Some(entry) => catalogue::object(connection, entry, &belonging)?,
            None => None,
        };
        let Some(mut object) = object else {
            self.schema.remove(&id);
            return Ok(());
        };
        let made = match self.schema.get(&id) {
            Some(before) => before.origin().cloned(),
            None => place_of(script, table),
        };
        match &mut object {
            Object::Table(table) => table.origin = made,
            Object::View(view) => view.origin = made,
            _ => {}
        }
        self.schema.insert(object);
        Ok(())
    }
}

fn id_of(table: &str) -> ObjectId {
    let name = QualifiedName::unqualified(table);
    ObjectId::new(Class::Relation, name, Dialect::Sqlite)
}

/// Where a script names a table first.
fn place_of(script: &ScriptFile, table: &str) -> Option<Origin> {
    let span = super::failure::word(script, table, 0..script.text.len())?;
    Some(Origin {
        source: Arc::clone(&script.source),
        span: Span::from(span),
        statement: Span::default(),
    })
}
