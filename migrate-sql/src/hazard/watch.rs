//! Following one migration: what is new in it, and what it holds.

use std::collections::{BTreeMap, BTreeSet};

use migrate_core::Dialect;
use migrate_core::config::{Product, ServerVersion};

use super::effect::{Effect, Form, Work};
use super::lock::{Blocked, Lock};
use crate::change::{Change, Session, TableAction};
use crate::name::{ObjectName, Span};
use crate::schema::{ObjectId, Schema};

/// What one migration has done so far, as far as later statements depend on it.
#[derive(Clone, Debug)]
pub struct Watch {
    server: Option<ServerVersion>,
    transaction: bool,
    /// What the migration has made: nobody else sees it yet, and it has no rows of others.
    made: BTreeSet<ObjectId>,
    /// Tables that it has emptied.
    emptied: BTreeSet<ObjectId>,
    /// The strongest lock on each table that is held until COMMIT.
    held: BTreeMap<ObjectId, Lock>,
    /// Constraints that were added NOT VALID, by table and name, with their place.
    not_valid: BTreeMap<(ObjectId, String), Span>,
    /// Columns that it has added to tables that were there.
    added: BTreeSet<(ObjectId, String)>,
    /// Settings of the session, in lower case.
    settings: BTreeMap<String, String>,
}

/// What one change does.
#[derive(Clone, Debug, Default)]
pub struct Step {
    /// To the tables that were there before the migration.
    pub effects: Vec<Effect>,
    /// What earlier statements of the transaction hold.
    pub held: BTreeMap<ObjectId, Lock>,
}

impl Step {
    /// Whether it does work in proportion to rows.
    pub fn works(&self) -> bool {
        self.effects.iter().any(|it| it.work != Work::Instant)
    }

    /// Whom the migration keeps away from some table while this change works: by the locks of this
    /// change, and by those that are still held.
    pub fn blocks_while_it_works(&self) -> Blocked {
        if !self.works() {
            return Blocked::Nobody;
        }
        let own = self.effects.iter().map(|effect| effect.lock.blocks());
        let held = self.held.values().map(|lock| lock.blocks());
        own.chain(held).max().unwrap_or_default()
    }
}

impl Watch {
    /// Before the first statement. `server` is the oldest one that the migration has to run on; where
    /// it is not known, the riskiest of the supported ones is assumed.
    pub fn new(server: Option<ServerVersion>, transaction: bool) -> Self {
        Watch {
            server,
            transaction,
            made: BTreeSet::new(),
            emptied: BTreeSet::new(),
            held: BTreeMap::new(),
            not_valid: BTreeMap::new(),
            added: BTreeSet::new(),
            settings: BTreeMap::new(),
        }
    }

    /// What a change does to a database that has this schema before it. The changes of a migration
    /// are to be given in their order.
    pub fn step(&mut self, change: &Change, before: &Schema) -> Step {
        if let Change::Session(Session::Setting { name, value }) = change {
            match value {
                Some(value) => self.settings.insert(name.clone(), value.to_lowercase()),
                None => self.settings.remove(name),
            };
        }
        let mut effects = match before.dialect() {
            Dialect::Postgres => super::postgres::effects(change, before, self),
            Dialect::Mysql => super::mysql::effects(change, before, self),
            _ => Vec::new(),
        };
        effects.retain(|effect| {
            effect
                .table
                .as_ref()
                .is_none_or(|it| !self.made.contains(it))
        });
        for effect in &mut effects {
            let emptied = effect
                .table
                .as_ref()
                .is_some_and(|it| self.emptied.contains(it));
            if emptied {
                effect.work = Work::Instant;
            }
        }
        let step = Step {
            held: self.held.clone(),
            effects,
        };
        self.remember(change, before, &step);
        step
    }

    fn remember(&mut self, change: &Change, before: &Schema, step: &Step) {
        for effect in &step.effects {
            let Some(table) = &effect.table else { continue };
            if effect.form == Form::Truncate {
                self.emptied.insert(table.clone());
            }
            let holds = self.transaction && matches!(effect.lock, Lock::Postgres(_));
            if holds && effect.lock.blocks() != Blocked::Nobody {
                let held = self.held.entry(table.clone()).or_insert(effect.lock);
                *held = effect.lock.max(*held);
            }
        }
        match change {
            Change::AlterTable(alter) => {
                let Some(table) = before.likely_relation(&alter.name) else {
                    return;
                };
                for action in &alter.actions {
                    if let TableAction::AddColumn { column, .. } = action {
                        let name = column.name.name.clone();
                        self.added.insert((table.clone(), name));
                    }
                }
            }
            Change::CreateTable(create) => {
                let there = before.likely_relation(&create.name);
                let id = before.new_relation(&create.name, create.temporary);
                if there.is_none_or(|there| there != id || before.get(&there).is_none()) {
                    self.made.insert(id);
                }
            }
            Change::CreateView(create) => {
                let id = before.new_relation(&create.name, create.temporary);
                if before.get(&id).is_none() {
                    self.made.insert(id);
                }
            }
            // What is renamed stays as new as it is, and what it holds stays held.
            Change::Rename { from, to, .. } => self.rename(from, to, before),
            _ => {}
        }
    }

    fn rename(&mut self, from: &ObjectName, to: &ObjectName, before: &Schema) {
        let Some(old) = before.likely_relation(from) else {
            return;
        };
        let mut new = old.clone();
        new.name.name.clone_from(&to.name.name);
        if self.made.remove(&old) {
            self.made.insert(new.clone());
        } else {
            // The name of something older may have been that of something new.
            self.made.remove(&new);
        }
        if self.emptied.remove(&old) {
            self.emptied.insert(new.clone());
        }
        if let Some(lock) = self.held.remove(&old) {
            self.held.insert(new, lock);
        }
    }

    /// Whether the migration has made it.
    pub(super) fn is_new(&self, table: &ObjectId) -> bool {
        self.made.contains(table)
    }

    /// Whether the migration has emptied it.
    pub(super) fn is_emptied(&self, table: &ObjectId) -> bool {
        self.emptied.contains(table)
    }

    /// Whether the migration has added a column to it.
    pub(super) fn has_added(&self, table: &ObjectId, column: &str) -> bool {
        self.added.contains(&(table.clone(), column.to_owned()))
    }

    /// The oldest server that the migration has to run on, where it is known.
    pub(super) fn server(&self) -> Option<ServerVersion> {
        self.server
    }

    /// Where this migration adds a constraint NOT VALID, if it does.
    pub fn added_not_valid(&self, table: &ObjectId, constraint: &str) -> Option<Span> {
        let key = (table.clone(), constraint.to_owned());
        self.not_valid.get(&key).copied()
    }

    pub(super) fn note_not_valid(&mut self, table: &ObjectId, constraint: &str, span: Span) {
        self.not_valid
            .insert((table.clone(), constraint.to_owned()), span);
    }

    /// Whether it runs in one transaction.
    pub fn is_transaction(&self) -> bool {
        self.transaction
    }

    /// A setting of the session, in lower case, where the migration makes it.
    pub(super) fn setting(&self, name: &str) -> Option<&str> {
        // MySQL writes `@@session.name`, too.
        let mut settings = self.settings.iter();
        let found = settings.rfind(|(written, _)| {
            let rest = written.strip_suffix(name);
            rest.is_some_and(|before| before.is_empty() || before.ends_with('.'))
        });
        found.map(|(_, value)| value.as_str())
    }

    /// Whether the server is MariaDB for certain.
    pub(super) fn is_mariadb(&self) -> bool {
        self.server
            .is_some_and(|server| server.product == Product::Mariadb)
    }

    /// Whether the server is known, of a product and older than a version.
    pub(super) fn is_older(&self, product: Product, version: [u32; 3]) -> bool {
        self.server.is_some() && self.may_be_older(product, version)
    }

    /// Whether the server is of a product and older than a version; where it is not known, it may be.
    pub(super) fn may_be_older(&self, product: Product, version: [u32; 3]) -> bool {
        self.server
            .is_none_or(|server| server.product == product && server.version < version)
    }
}
