//! What is seen of a run while it goes on.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use diesel::connection::SimpleConnection as _;
use migrate_core::redact;
use migrate_runtime::{Event as RunEvent, Observer};

use super::brake::Brake;
use super::catalogue::{Questions, questions};
use super::evidence::{LockEvidence, Pass, RehearsedMigration, RehearsedStatement};
use crate::connect::Engine;
use crate::digest::table_name;
use crate::event::{Event, Listener, Step};

/// Each table's name and file, by its key.
type Files = BTreeMap<String, (String, String)>;

/// Writes down what a run does, and looks from a second connection at what it holds.
pub(super) struct Measure<'a, DB: Engine> {
    listener: &'a mut dyn Listener,
    /// Looks; `None` where there is nothing to look at.
    watcher: Option<&'a mut DB::Connection>,
    /// Makes statements wait, so that their locks can be seen.
    brake: Option<Brake<DB>>,
    questions: &'static Questions,
    /// The session that runs.
    session: Option<String>,
    /// The name of the history table.
    history: &'a str,
    begun: Instant,
    files: Option<Files>,
    held: BTreeSet<LockEvidence>,
    migrations: Vec<RehearsedMigration>,
}

impl<'a, DB: Engine> Measure<'a, DB> {
    pub(super) fn new(
        listener: &'a mut dyn Listener,
        watcher: Option<&'a mut DB::Connection>,
        session: Option<String>,
        history: &'a str,
    ) -> Self {
        Measure {
            listener,
            watcher,
            brake: None,
            questions: questions(DB::DIALECT),
            session,
            history,
            begun: Instant::now(),
            files: None,
            held: BTreeSet::new(),
            migrations: Vec::new(),
        }
    }

    /// With statements that are made to wait.
    #[must_use]
    pub(super) fn braked(self, brake: Option<Brake<DB>>) -> Self {
        Measure { brake, ..self }
    }

    /// What was seen.
    pub(super) fn pass(self, failure: Option<String>) -> Pass {
        Pass {
            duration_seconds: self.begun.elapsed().as_secs_f64(),
            migrations: self.migrations,
            failure,
            rows: None,
        }
    }

    /// The locks that the run holds; `None` where they cannot be told.
    fn locks(&mut self) -> Option<BTreeSet<LockEvidence>> {
        if self.questions.whole_file {
            return self.lock_on_file();
        }
        let sql = self.questions.locks?(self.session.as_deref()?);
        let rows = DB::rows(self.watcher.as_deref_mut()?, &sql).ok()?;
        let mut locks = BTreeSet::new();
        for row in rows {
            let mut fields = row.into_iter();
            let schema = fields.next().flatten();
            let (name, mode) = (fields.next().flatten()?, fields.next().flatten()?);
            if !self.is_of_history(&name) {
                locks.insert(LockEvidence {
                    object: table_name(schema.as_deref(), &name),
                    mode,
                });
            }
        }
        Some(locks)
    }

    /// Tries what another session could do.
    fn lock_on_file(&mut self) -> Option<BTreeSet<LockEvidence>> {
        let watcher = self.watcher.as_deref_mut()?;
        let mut held = BTreeSet::new();
        match watcher.batch_execute("BEGIN IMMEDIATE") {
            Ok(()) => watcher.batch_execute("ROLLBACK").ok()?,
            Err(_) => {
                let reads = DB::rows(watcher, "SELECT '1' FROM main.sqlite_master LIMIT 1");
                held.insert(LockEvidence {
                    object: "the whole file".to_owned(),
                    mode: match reads {
                        Ok(_) => "RESERVED",
                        Err(_) => "EXCLUSIVE",
                    }
                    .to_owned(),
                });
            }
        }
        Some(held)
    }

    fn is_of_history(&self, table: &str) -> bool {
        // Its indexes have its name in theirs.
        migrate_runtime::is_history_table(table)
            || table.starts_with("_migrate_")
            || table.starts_with(self.history)
    }

    fn read_files(&mut self) -> Option<Files> {
        let rows = DB::rows(self.watcher.as_deref_mut()?, self.questions.files?).ok()?;
        let mut files = Files::new();
        for row in rows {
            let mut fields = row.into_iter();
            let (key, schema) = (fields.next().flatten()?, fields.next().flatten());
            let (name, file) = (fields.next().flatten()?, fields.next().flatten()?);
            if !self.is_of_history(&name) {
                files.insert(key, (table_name(schema.as_deref(), &name), file));
            }
        }
        Some(files)
    }

    /// Tables that were there at the beginning of the migration and have another file now.
    fn rewritten(&mut self) -> Option<Vec<String>> {
        let before = self.files.take()?;
        let after = self.read_files()?;
        let changed = before.iter().filter_map(|(key, (name, file))| {
            let (_, now) = after.get(key)?;
            (now != file).then(|| name.clone())
        });
        Some(changed.collect())
    }

    fn see(&mut self, event: &RunEvent<'_>) {
        match event {
            RunEvent::MigrationStarted {
                version,
                name,
                direction,
                transaction,
                ..
            } => {
                self.files = self.read_files();
                self.held.clear();
                self.migrations.push(RehearsedMigration {
                    version: version.to_string(),
                    name: (*name).to_owned(),
                    direction: direction.name().to_owned(),
                    transaction: *transaction,
                    duration_seconds: None,
                    statements: Vec::new(),
                    rewritten: None,
                });
            }
            RunEvent::StatementStarted {
                index, sql, line, ..
            } => {
                let shown = redact::values(sql, DB::DIALECT);
                if let Some(mut brake) = self.brake.take() {
                    brake.put_on(sql, |table| self.is_of_history(table));
                    self.brake = Some(brake);
                }
                if let Some(migration) = self.migrations.last_mut() {
                    // Another attempt takes the place of the one that waited too long for a lock.
                    migration.statements.retain(|it| it.index < *index);
                    migration.statements.push(RehearsedStatement {
                        index: *index,
                        line: *line,
                        sql: shown,
                        duration_seconds: None,
                        locks: None,
                    });
                }
            }
            RunEvent::StatementFinished { duration, .. } => {
                let in_transaction = self.migrations.last().is_some_and(|it| it.transaction);
                let braked = self.brake.as_mut().and_then(Brake::take_off);
                let new = match in_transaction.then(|| self.locks()).flatten() {
                    Some(locks) => {
                        let new = locks.difference(&self.held).cloned().collect();
                        self.held.extend(locks);
                        Some(new)
                    }
                    None => braked,
                };
                let statement = self
                    .migrations
                    .last_mut()
                    .and_then(|migration| migration.statements.last_mut());
                if let Some(statement) = statement {
                    statement.duration_seconds = Some(duration.as_secs_f64());
                    statement.locks = new;
                }
            }
            RunEvent::LockTimeout { .. } => self.held.clear(),
            RunEvent::MigrationFinished(done) => {
                let rewritten = self.rewritten();
                if let Some(migration) = self.migrations.last_mut() {
                    migration.duration_seconds = Some(done.duration.as_secs_f64());
                    migration.rewritten = rewritten;
                }
            }
            _ => {}
        }
    }
}

impl<DB: Engine> Observer for Measure<'_, DB> {
    fn event(&mut self, event: &RunEvent<'_>) {
        self.see(event);
        let step = Step::Rehearse;
        self.listener.event(&Event::Migration { step, event });
    }

    fn stop(&mut self) -> bool {
        self.listener.stop()
    }
}
