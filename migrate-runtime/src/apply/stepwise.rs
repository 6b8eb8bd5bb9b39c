//! A script that is not one transaction: every statement has a record of its own, `started` before
//! it and `done` after it, so that a run that is killed can be resumed.
//!
//! What can commit together with its record does. For the rest the catalogue's state before the
//! statement is kept with the record, to tell afterwards whether it happened.

use migrate_core::Direction;
use migrate_core::history::{Head, State, StatementRecord};
use migrate_core::statement::{CatalogueChange, Recovery};

use super::script::{Part, Prepared};
use super::{Run, pause};
use crate::error::{Error, ErrorKind};
use crate::event::Event;
use crate::history_table::fingerprint_text;
use crate::session::in_transaction;

impl Run<'_> {
    /// Runs a script statement by statement. Answers whether it ran: on SQLite another process may
    /// have been faster.
    pub(super) fn run_stepwise(&mut self, prepared: &Prepared<'_>) -> Result<bool, Error> {
        if !self.mark_running(prepared)? {
            return Ok(false);
        }
        self.continue_stepwise(prepared, &[])?;
        Ok(true)
    }

    /// Records that the script is running, so that nobody else begins it.
    fn mark_running(&mut self, prepared: &Prepared<'_>) -> Result<bool, Error> {
        if self.backend.lock_is_transaction() {
            if !self.claim(prepared)? {
                return Ok(false);
            }
        } else {
            self.session
                .begin()
                .map_err(Error::database("beginning a transaction"))?;
        }
        let state = State::Running(prepared.step.direction);
        let recorded = self
            .record_running(prepared)
            .and_then(|()| self.lay_claim(prepared, &[]));
        match recorded {
            Ok(()) => {
                self.session
                    .commit()
                    .map_err(Error::database("committing"))?;
                let migration = prepared.migration;
                let checksum = migration.up.checksum;
                self.history
                    .put(&migration.version, &migration.name, checksum, state);
                Ok(true)
            }
            Err(error) => {
                let _ = self.session.rollback();
                Err(error)
            }
        }
    }

    /// Where no lock keeps runs apart while a script runs statement by statement: records this
    /// process with the first statement that it will run, so that others wait for it.
    pub(super) fn lay_claim(
        &mut self,
        prepared: &Prepared<'_>,
        done: &[usize],
    ) -> Result<(), Error> {
        let next = (0..prepared.parts.len()).find(|index| !done.contains(index));
        let Some(index) = next.filter(|_| self.backend.lock_is_transaction()) else {
            return Ok(());
        };
        let tells = prepared.parts.get(index).is_some_and(|part| {
            let recovery = &part.class.recovery;
            matches!(
                recovery,
                Recovery::WithRecord | Recovery::Session | Recovery::Repeat
            )
        });
        if !tells {
            // Begun and not done would mean that nothing tells.
            return Ok(());
        }
        let record = self.record_of(prepared, index);
        self.table.statement_started(self.session, &record)
    }

    /// The record of the statement itself takes the place of the claim to it.
    fn use_claim(&mut self, record: &StatementRecord) -> Result<(), Error> {
        if self.backend.lock_is_transaction() {
            self.table.statement_claim_used(self.session, record)?;
        }
        Ok(())
    }

    /// Records that a script which nobody has begun is running.
    fn record_running(&mut self, prepared: &Prepared<'_>) -> Result<(), Error> {
        let state = State::Running(prepared.step.direction);
        let version = &prepared.migration.version;
        let mut count = self.history.applied.len();
        match prepared.step.direction {
            Direction::Up => {
                self.insert_row(prepared, state)?;
                count += 1;
            }
            Direction::Down => {
                self.table
                    .set_state(self.session, version, state, None, None)?;
            }
        }
        let digest = None;
        self.table.set_head(self.session, Head { count, digest })
    }

    /// Runs the statements that `done` does not list, and records the end.
    pub(super) fn continue_stepwise(
        &mut self,
        prepared: &Prepared<'_>,
        done: &[usize],
    ) -> Result<(), Error> {
        let state = self.save_state(&prepared.custom_settings)?;
        let result = self.statements_of(prepared, done);
        let restored = self
            .backend
            .restore_state(self.session, &state)
            .map_err(Error::database("putting the session's settings back"));
        match result {
            Ok(()) => {
                restored?;
                self.finish_stepwise(prepared)
            }
            Err(error) => {
                let stays = matches!(error.kind(), ErrorKind::Failed(_));
                if stays {
                    // Best effort: without it the row says `running`, and resuming finds out.
                    let _ = self.record_failure(prepared, &error);
                }
                Err(error)
            }
        }
    }

    fn statements_of(&mut self, prepared: &Prepared<'_>, done: &[usize]) -> Result<(), Error> {
        let of = prepared.parts.len();
        // Rust code counts as one more statement behind the last.
        let code_done = done.contains(&of);
        if Self::code_first(prepared) && !code_done {
            self.code_step(prepared)?;
        }
        for (index, part) in prepared.parts.iter().enumerate() {
            let session_only = part.class.recovery == Recovery::Session;
            if done.contains(&index) && !session_only {
                self.observer.event(&Event::StatementSkipped { index, of });
                continue;
            }
            self.statement_step(prepared, index, part)?;
            if self.observer.stop() && index + 1 < of {
                return Err(ErrorKind::Stopped { resumable: true }.into());
            }
        }
        if !Self::code_first(prepared) && !code_done {
            self.code_step(prepared)?;
        }
        Ok(())
    }

    fn record_of(&self, prepared: &Prepared<'_>, index: usize) -> StatementRecord {
        StatementRecord {
            version: prepared.migration.version.clone(),
            direction: prepared.step.direction,
            index,
            checksum: match prepared.parts.get(index) {
                Some(part) => part.checksum(),
                None => prepared.script.checksum,
            },
            done: false,
            session: String::new(),
            fingerprint: None,
        }
    }

    /// The Rust code of a script, committed together with its record.
    fn code_step(&mut self, prepared: &Prepared<'_>) -> Result<(), Error> {
        if !prepared.has_code() {
            return Ok(());
        }
        let record = self.record_of(prepared, prepared.parts.len());
        self.session
            .begin()
            .map_err(Error::database("beginning a transaction"))?;
        let worked = self.run_code(prepared).and_then(|()| {
            self.table.statement_started(self.session, &record)?;
            self.table.statement_done(self.session, &record)
        });
        match worked {
            Ok(()) => self.session.commit().map_err(Error::database("committing")),
            Err(mut error) => {
                let _ = self.session.rollback();
                if let ErrorKind::Failed(failure) = &mut *error.kind {
                    failure.rolled_back = false;
                }
                Err(error)
            }
        }
    }

    /// One statement with its record.
    fn statement_step(
        &mut self,
        prepared: &Prepared<'_>,
        index: usize,
        part: &Part,
    ) -> Result<(), Error> {
        let concurrent = matches!(&part.class.recovery, Recovery::Catalogue(c) if c.concurrently);
        // Building an index concurrently waits for older transactions, and that takes its time.
        let lock = match (part.class.strong_lock, concurrent) {
            (_, true) => Some(std::time::Duration::ZERO),
            (true, false) => Some(self.settings.lock_timeout),
            (false, false) => None,
        };
        if !self.backend.lock_is_transaction() {
            self.backend
                .set_timeouts(self.session, lock, self.settings.statement_timeout)
                .map_err(Error::database("setting timeouts"))?;
        }
        let of = self.settings.lock_retries + 1;
        let mut attempt = 1;
        loop {
            let Err((error, lock_timeout)) = self.statement_attempt(prepared, index, part) else {
                return Ok(());
            };
            if !lock_timeout || attempt >= of {
                return Err(error);
            }
            let pause = pause(attempt);
            self.observer
                .event(&Event::LockTimeout { attempt, of, pause });
            if self.observer.stop() {
                return Err(ErrorKind::Stopped { resumable: true }.into());
            }
            std::thread::sleep(pause);
            attempt += 1;
        }
    }

    fn statement_attempt(
        &mut self,
        prepared: &Prepared<'_>,
        index: usize,
        part: &Part,
    ) -> Result<(), (Error, bool)> {
        let of = prepared.parts.len();
        let hard = |error: Error| (error, false);
        let mut record = self.record_of(prepared, index);
        let with_record = part.class.recovery == Recovery::WithRecord
            && self.data_outside_transactions().map_err(hard)?.is_none();
        if with_record {
            self.session
                .begin()
                .map_err(|source| hard(Error::database("beginning a transaction")(source)))?;
            let sent = self.send(index, of, part);
            let result = match sent {
                Err(source) => {
                    let lock_timeout = self.backend.is_lock_timeout(&source);
                    Err((prepared.failure(Some(index), false, source), lock_timeout))
                }
                Ok(()) => self
                    .use_claim(&record)
                    .and_then(|()| self.table.statement_started(self.session, &record))
                    .and_then(|()| self.table.statement_done(self.session, &record))
                    .map_err(hard),
            };
            let result = match result {
                Ok(()) => self.session.commit().map_err(|source| {
                    let lock_timeout = self.backend.is_lock_timeout(&source);
                    (prepared.failure(Some(index), false, source), lock_timeout)
                }),
                Err(failed) => {
                    let _ = self.session.rollback();
                    Err(failed)
                }
            };
            if result.is_err() {
                // The rollback brought back the claim to a statement that has not happened.
                let _ = self.use_claim(&record);
            }
            return result;
        }
        if part.class.recovery == Recovery::Session {
            return self.send(index, of, part).map_err(|source| {
                let _ = self.use_claim(&record);
                hard(prepared.failure(Some(index), false, source))
            });
        }
        let change = match &part.class.recovery {
            Recovery::Catalogue(change) => Some(change),
            _ => None,
        };
        if let Some(change) = change {
            record.fingerprint = Some(self.fingerprint(change).map_err(hard)?);
        }
        self.use_claim(&record).map_err(hard)?;
        let recorded = in_transaction(self.session, |session| {
            self.table.statement_started(session, &record)
        });
        recorded.map_err(hard)?;
        match self.send(index, of, part) {
            Ok(()) => {
                let recorded = in_transaction(self.session, |session| {
                    self.table.statement_done(session, &record)
                });
                recorded.map_err(hard)
            }
            Err(source) => {
                let lock_timeout = self.backend.is_lock_timeout(&source);
                let error = prepared.failure(Some(index), false, source);
                // A statement that failed did not happen, but for an index built concurrently, of
                // which an invalid one remains: that record stays, and resuming removes the index.
                if !change.is_some_and(|change| change.concurrently) {
                    let _ = self.table.statement_undone(self.session, &record);
                } else if lock_timeout {
                    self.remove_remnant(prepared, index, part, &record)
                        .map_err(hard)?;
                }
                Err((error, lock_timeout))
            }
        }
    }

    fn fingerprint(&mut self, change: &CatalogueChange) -> Result<String, Error> {
        let states = self
            .backend
            .fingerprint(self.session, change)
            .map_err(Error::database("looking at what a statement will change"))?;
        Ok(fingerprint_text(&states))
    }

    fn record_failure(&mut self, prepared: &Prepared<'_>, error: &Error) -> Result<(), Error> {
        let state = State::Failed(prepared.step.direction);
        let text = error.to_string();
        let (table, version) = (&self.table, &prepared.migration.version);
        in_transaction(self.session, |session| {
            table.set_state(session, version, state, None, Some(&text))
        })
    }

    fn finish_stepwise(&mut self, prepared: &Prepared<'_>) -> Result<(), Error> {
        let head = self.head_after(prepared);
        let (table, version) = (&self.table, &prepared.migration.version);
        let checksum = prepared.migration.up.checksum;
        in_transaction(self.session, |session| {
            match prepared.step.direction {
                Direction::Up => {
                    table.set_state(session, version, State::Applied, Some(checksum), None)?;
                    table.forget_statements(session, version)?;
                }
                Direction::Down => table.delete(session, version)?,
            }
            table.set_head(session, head)
        })?;
        self.record_in_memory(prepared, head);
        Ok(())
    }
}
