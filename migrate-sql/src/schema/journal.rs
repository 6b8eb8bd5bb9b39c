//! Putting objects in and taking them out, with a way back.
//!
//! A journal holds what stood where before it was touched, so that a model can be compared with
//! what it was, and rolled back, at the cost of what was touched and not of the whole.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::search_path::SearchPath;
use super::{Object, ObjectId, Schema, Table};
use crate::change::Touches;
use crate::conflict::Origin;
use crate::name::QualifiedName;

/// An object and since when it is known.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) object: Arc<Object>,
    /// It is certain while this is the schema's epoch.
    pub(super) epoch: u32,
}

/// Why something is not there.
#[derive(Clone, Debug)]
pub(super) struct Gone {
    /// What became of it.
    pub(super) how: Departure,
    /// Where that was said.
    pub(super) origin: Origin,
    /// It is certain while this is the schema's epoch.
    pub(super) epoch: u32,
}

/// What became of something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Departure {
    /// It was dropped.
    Dropped,
    /// It was dropped together with something else, as this says: "with table `t`".
    DroppedWith(String),
    /// It has another name now.
    Renamed(String),
}

type GoneKey = (ObjectId, Option<String>);

/// What stood where before it was touched.
#[derive(Clone, Debug)]
pub(super) struct Journal {
    objects: BTreeMap<ObjectId, Option<Entry>>,
    gone: BTreeMap<GoneKey, Option<Gone>>,
    perhaps: Vec<String>,
    open: bool,
    epoch: u32,
    path: SearchPath,
}

impl Schema {
    /// From here on, what is touched is written down, until [`rollback`](Schema::rollback) or
    /// [`commit`](Schema::commit). Journals nest.
    pub(crate) fn begin(&mut self) {
        self.journals.push(Journal {
            objects: BTreeMap::new(),
            gone: BTreeMap::new(),
            perhaps: Vec::new(),
            open: self.open,
            epoch: self.epoch,
            path: self.path.clone(),
        });
    }

    /// Forgets the innermost journal and keeps what was done.
    pub(crate) fn commit(&mut self) {
        let Some(journal) = self.journals.pop() else {
            return;
        };
        if let Some(outer) = self.journals.last_mut() {
            for (id, entry) in journal.objects {
                outer.objects.entry(id).or_insert(entry);
            }
            for (key, gone) in journal.gone {
                outer.gone.entry(key).or_insert(gone);
            }
            outer.perhaps.extend(journal.perhaps);
        }
    }

    /// Puts everything back as it was at the innermost [`begin`](Schema::begin).
    pub(crate) fn rollback(&mut self) {
        let Some(journal) = self.journals.pop() else {
            return;
        };
        for (id, entry) in journal.objects {
            self.replace(id, entry);
        }
        for (key, gone) in journal.gone {
            match gone {
                Some(gone) => self.gone.insert(key, gone),
                None => self.gone.remove(&key),
            };
        }
        for word in journal.perhaps {
            self.perhaps.remove(&word);
        }
        self.open = journal.open;
        self.epoch = journal.epoch;
        self.path = journal.path;
    }

    /// What an object was before the innermost [`begin`](Schema::begin).
    pub(crate) fn before(&self, id: &ObjectId) -> Option<&Object> {
        match self.journals.last()?.objects.get(id) {
            Some(entry) => entry.as_ref().map(|entry| &*entry.object),
            None => self.get(id),
        }
    }

    /// What was touched since the outermost of the last few journals began, with what stood there
    /// then: nothing, or an object; and whether that was certain.
    pub(crate) fn before_last(
        &self,
        journals: usize,
    ) -> BTreeMap<&ObjectId, (Option<&Object>, bool)> {
        let mut before = BTreeMap::new();
        for journal in self.journals.iter().rev().take(journals) {
            for (id, entry) in &journal.objects {
                let state = match entry {
                    Some(entry) => (Some(&*entry.object), entry.epoch == journal.epoch),
                    None => (None, true),
                };
                // The outer journals come last: what they say holds.
                before.insert(id, state);
            }
        }
        before
    }

    /// What was dropped since the innermost [`begin`](Schema::begin): objects and, by name, columns,
    /// each with the place that says so.
    pub(crate) fn dropped(&self) -> impl Iterator<Item = (&ObjectId, Option<&str>, &Origin)> {
        self.journals
            .last()
            .into_iter()
            .flat_map(|journal| journal.gone.keys())
            .filter_map(|key| {
                let gone = self.gone.get(key)?;
                (gone.how == Departure::Dropped && gone.epoch == self.epoch).then_some((
                    &key.0,
                    key.1.as_deref(),
                    &gone.origin,
                ))
            })
    }

    /// Takes back what was done since the innermost [`begin`](Schema::begin), and makes uncertain
    /// what it touched: it may have been done.
    pub(super) fn rollback_perhaps(&mut self) {
        let Some(journal) = self.journals.last() else {
            return;
        };
        let lost = journal.epoch != self.epoch;
        let touched: Vec<ObjectId> = journal.objects.keys().cloned().collect();
        let words = journal.perhaps.clone();
        let elsewhere = journal.path != self.path;
        self.rollback();
        if lost {
            self.forget(&Touches::Everything);
        }
        if elsewhere {
            self.path = SearchPath::unknown();
        }
        self.perhaps(words);
        for id in touched {
            self.doubt(&id);
            self.perhaps([id.name.name]);
        }
    }

    /// Whether everything became uncertain since the outermost of the last few journals began.
    pub(crate) fn lost_track_since(&self, journals: usize) -> bool {
        self.journals
            .iter()
            .rev()
            .take(journals)
            .any(|journal| journal.epoch != self.epoch)
    }

    /// Puts an object in, which is certain from here on.
    pub(super) fn put(&mut self, object: Arc<Object>) {
        let id = object.id(self.dialect);
        let epoch = self.epoch;
        self.write_down(&id);
        self.replace(id, Some(Entry { object, epoch }));
    }

    /// Takes an object out.
    pub(super) fn take(&mut self, id: &ObjectId) -> Option<Arc<Object>> {
        self.write_down(id);
        self.replace(id.clone(), None).map(|entry| entry.object)
    }

    /// Changes an object in its place, without making it more or less certain. Its name stays.
    pub(super) fn edit<R>(
        &mut self,
        id: &ObjectId,
        change: impl FnOnce(&mut Object) -> R,
    ) -> Option<R> {
        self.write_down(id);
        let mut entry = self.objects.remove(id)?;
        self.unlink(id, &entry.object);
        let result = change(Arc::make_mut(&mut entry.object));
        self.link(id, &entry.object);
        self.objects.insert(id.clone(), entry);
        Some(result)
    }

    /// Changes a table in its place.
    pub(super) fn edit_table<R>(
        &mut self,
        id: &ObjectId,
        change: impl FnOnce(&mut Table) -> R,
    ) -> Option<R> {
        self.table_by_id(id)?;
        self.edit(id, |object| match object {
            Object::Table(table) => Some(change(table)),
            _ => None,
        })?
    }

    /// Makes an object uncertain.
    pub(super) fn doubt(&mut self, id: &ObjectId) {
        if !self.objects.contains_key(id) {
            return;
        }
        self.write_down(id);
        if let Some(entry) = self.objects.get_mut(id) {
            entry.epoch = 0;
        }
    }

    /// Notes that something is not there any more.
    pub(super) fn note_gone(
        &mut self,
        id: ObjectId,
        column: Option<&str>,
        how: Departure,
        origin: Origin,
    ) {
        let key = (id, column.map(str::to_owned));
        let gone = Gone {
            how,
            origin,
            epoch: self.epoch,
        };
        let before = self.gone.insert(key.clone(), gone);
        if let Some(journal) = self.journals.last_mut() {
            journal.gone.entry(key).or_insert(before);
        }
    }

    /// Names that may stand for something from here on.
    pub(super) fn perhaps(&mut self, words: impl IntoIterator<Item = String>) {
        for word in words {
            let word = word.to_lowercase();
            if self.perhaps.insert(word.clone())
                && let Some(journal) = self.journals.last_mut()
            {
                journal.perhaps.push(word);
            }
        }
    }

    /// What became of an object or, where it is named, a column; `None` where that is not certain
    /// any more.
    pub(super) fn gone(&self, id: &ObjectId, column: Option<&str>) -> Option<&Gone> {
        self.gone
            .get(&(id.clone(), column.map(str::to_owned)))
            .filter(|gone| gone.epoch == self.epoch)
    }

    /// Keeps what stands at `id` in the innermost journal, the first time.
    fn write_down(&mut self, id: &ObjectId) {
        if let Some(journal) = self.journals.last_mut()
            && !journal.objects.contains_key(id)
        {
            journal
                .objects
                .insert(id.clone(), self.objects.get(id).cloned());
        }
    }

    fn replace(&mut self, id: ObjectId, entry: Option<Entry>) -> Option<Entry> {
        let before = self.objects.remove(&id);
        if let Some(before) = &before {
            self.unlink(&id, &before.object);
        }
        if let Some(entry) = entry {
            self.link(&id, &entry.object);
            self.objects.insert(id, entry);
        }
        before
    }

    /// Moves what uses `from` over to `to`, as far as objects name each other.
    pub(super) fn relation_renamed(&mut self, from: &QualifiedName, to: &QualifiedName) {
        let from_id = self.id(super::Class::Relation, from);
        for user in self.users(&from_id) {
            self.edit(&user, |object| object.rename_relation(from, to));
        }
    }
}
