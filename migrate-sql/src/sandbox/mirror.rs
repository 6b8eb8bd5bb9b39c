//! The model of the database in memory, brought up to date after every script.
//!
//! Only what changed is read again: the entries of `sqlite_schema` that belong to the tables which
//! SQLite's authorizer named, after a rename all entries, and of the tables those whose entries differ.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use migrate_core::{Dialect, ScriptFile};

use super::connection::{Connection, Failure};
use crate::catalogue::{self, COLUMNS, Catalogue, Entry, Row};
use crate::conflict::Origin;
use crate::name::{QualifiedName, Span};
use crate::schema::{Class, Object, ObjectId, Schema};

pub(super) struct Mirror {
    entries: BTreeMap<i64, Entry>,
    by_table: BTreeMap<String, BTreeSet<i64>>,
    schema: Schema,
    levels: Vec<Level>,
}

/// What stood where before it was changed, since something was begun.
#[derive(Default)]
struct Level {
    entries: BTreeMap<i64, Option<Entry>>,
    objects: BTreeMap<ObjectId, Option<Object>>,
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
            by_table: BTreeMap::new(),
            schema: Schema::new(Dialect::Sqlite),
            levels: Vec::new(),
        }
    }

    pub(super) fn schema(&self) -> &Schema {
        &self.schema
    }

    /// From here on, what stood where is kept.
    pub(super) fn begin(&mut self) {
        self.levels.push(Level::default());
    }

    /// Forgets what was kept since the last [`begin`](Mirror::begin).
    pub(super) fn end(&mut self) {
        self.levels.pop();
    }

    /// Puts everything back as it was at the last [`begin`](Mirror::begin).
    pub(super) fn rollback(&mut self) {
        let Some(level) = self.levels.pop() else {
            return;
        };
        for (rowid, before) in level.entries {
            self.set(rowid, before);
        }
        for (id, before) in level.objects {
            self.replace(&id, before);
        }
    }

    /// What was touched since a [`begin`](Mirror::begin), counted from 0: as it was, and as it is.
    pub(super) fn before_and_after(&self, level: usize) -> (Schema, Schema) {
        let mut before = Schema::new(Dialect::Sqlite);
        let mut after = Schema::new(Dialect::Sqlite);
        for (id, object) in self
            .levels
            .get(level)
            .into_iter()
            .flat_map(|level| &level.objects)
        {
            if let Some(object) = object {
                before.insert(object.clone());
            }
            if let Some(object) = self.schema.get(id) {
                after.insert(object.clone());
            }
        }
        (before, after)
    }

    /// Reads what a script has changed: these tables, or any where a rename may have changed others
    /// that name what was renamed.
    pub(super) fn refresh(
        &mut self,
        connection: &mut Connection,
        touched: Option<&BTreeSet<String>>,
        script: &ScriptFile,
    ) -> Result<(), Failure> {
        let (found, there): (Vec<Entry>, Vec<i64>) = match touched {
            Some(touched) => {
                let mut found = Vec::new();
                for table in touched {
                    found.extend(catalogue::entries(connection, Some(table))?);
                }
                let there = touched
                    .iter()
                    .filter_map(|table| self.by_table.get(table))
                    .flatten()
                    .copied()
                    .collect();
                (found, there)
            }
            None => (
                catalogue::entries(connection, None)?,
                self.entries.keys().copied().collect(),
            ),
        };
        let mut changed = BTreeSet::new();
        let still: BTreeSet<i64> = found.iter().map(|entry| entry.rowid).collect();
        for rowid in there {
            if !still.contains(&rowid) {
                self.change(rowid, None, &mut changed);
            }
        }
        for entry in found {
            if self.entries.get(&entry.rowid) != Some(&entry) {
                self.change(entry.rowid, Some(entry), &mut changed);
            }
        }
        for table in changed {
            self.read_again(connection, &table, script)?;
        }
        Ok(())
    }

    fn read_again(
        &mut self,
        connection: &mut Connection,
        table: &str,
        script: &ScriptFile,
    ) -> Result<(), Failure> {
        let id = ObjectId::new(
            Class::Relation,
            QualifiedName::unqualified(table),
            Dialect::Sqlite,
        );
        let belonging: Vec<&Entry> = self
            .by_table
            .get(table)
            .into_iter()
            .flatten()
            .filter_map(|rowid| self.entries.get(rowid))
            .collect();
        let entry = belonging
            .iter()
            .find(|entry| entry.name.eq_ignore_ascii_case(table) && entry.kind != "index");
        let object = match entry {
            Some(entry) => catalogue::object(connection, entry, &belonging)?,
            None => None,
        };
        let Some(mut object) = object else {
            self.write_down(&id);
            self.replace(&id, None);
            return Ok(());
        };
        let made = self.schema.get(&id).map_or_else(
            || place_of(script, table),
            |before| match before {
                Object::Table(table) => table.origin.clone(),
                Object::View(view) => view.origin.clone(),
                _ => None,
            },
        );
        match &mut object {
            Object::Table(table) => table.origin = made,
            Object::View(view) => view.origin = made,
            _ => {}
        }
        self.write_down(&id);
        self.replace(&id, Some(object));
        Ok(())
    }

    fn write_down(&mut self, id: &ObjectId) {
        for level in &mut self.levels {
            if !level.objects.contains_key(id) {
                let before = self.schema.get(id).cloned();
                level.objects.insert(id.clone(), before);
            }
        }
    }

    fn replace(&mut self, id: &ObjectId, object: Option<Object>) {
        match object {
            Some(object) => self.schema.insert(object),
            None => self.schema.remove(id),
        }
    }

    fn change(&mut self, rowid: i64, entry: Option<Entry>, changed: &mut BTreeSet<String>) {
        changed.extend(entry.as_ref().map(|entry| entry.table.to_lowercase()));
        let before = self.set(rowid, entry);
        changed.extend(before.as_ref().map(|entry| entry.table.to_lowercase()));
        for level in &mut self.levels {
            level.entries.entry(rowid).or_insert_with(|| before.clone());
        }
    }

    fn set(&mut self, rowid: i64, entry: Option<Entry>) -> Option<Entry> {
        let before = self.entries.remove(&rowid);
        if let Some(before) = &before
            && let Some(rowids) = self.by_table.get_mut(&before.table.to_lowercase())
        {
            rowids.remove(&rowid);
        }
        if let Some(entry) = entry {
            self.by_table
                .entry(entry.table.to_lowercase())
                .or_default()
                .insert(rowid);
            self.entries.insert(rowid, entry);
        }
        before
    }
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
