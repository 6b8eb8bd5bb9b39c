//! Resuming a script that was begun and left unfinished.
//!
//! A statement with `started` and no `done` may or may not have happened, and may still be running:
//! a server goes on after its client died. So first the session that ran it must be gone, then the
//! catalogue decides, and where it cannot, the run stops as unsure. Never a guess.

use std::time::Instant;

use migrate_core::history::{AppliedMigration, State, StatementRecord};
use migrate_core::plan::{Refusal, Refused, Step};
use migrate_core::statement::Recovery;
use migrate_core::{Direction, Version};

use super::Run;
use super::script::{Part, Prepared};
use crate::backend::Verdict;
use crate::error::{Error, ErrorKind, Undecided};
use crate::event::Event;
use crate::history_table::fingerprint_states;
use crate::migrator::Assume;
use crate::report::Report;

impl<'r> Run<'r> {
    /// Finishes the one script that is unfinished.
    pub(crate) fn resume(&mut self, assume: Option<Assume>) -> Result<Report, Error> {
        self.locked_over_foreign(|run| run.resume_locked(assume))
    }

    fn resume_locked(&mut self, assume: Option<Assume>) -> Result<Report, Error> {
        let begun = Instant::now();
        let (row, direction) = self.begun()?;
        let prepared = self.prepare_begun(&row, direction)?;
        self.observer.event(&Event::MigrationStarted {
            version: &prepared.migration.version,
            name: &prepared.migration.name,
            direction,
            statements: prepared.parts.len(),
            transaction: false,
            position: 1,
            of: 1,
        });
        let records = self.records_of(&row.version, direction);
        self.wait_for_last(&prepared, &records)?;
        let done = if self.backend.lock_is_transaction() {
            self.begin_writing()?;
            let settled = self.take_over(&prepared, &records, assume);
            match settled {
                Ok(Some(done)) => {
                    self.session
                        .commit()
                        .map_err(Error::database("committing"))?;
                    done
                }
                Ok(None) => {
                    self.session
                        .rollback()
                        .map_err(Error::database("rolling back"))?;
                    return self.resume_locked(assume);
                }
                Err(error) => {
                    // The first error is the one to tell.
                    let _ = self.session.rollback();
                    return Err(error);
                }
            }
        } else {
            self.settle_all(&prepared, &records, assume)?
        };
        self.continue_stepwise(&prepared, &done)?;
        self.complete(&prepared, begun);
        Ok(Report {
            steps: std::mem::take(&mut self.completed),
            ..Report::default()
        })
    }

    /// The one script that was begun and left unfinished.
    pub(super) fn begun(&self) -> Result<(AppliedMigration, Direction), Error> {
        let row = self.history.unfinished().cloned();
        match row.map(|row| (row.state, row)) {
            Some((State::Running(direction) | State::Failed(direction), row)) => {
                Ok((row, direction))
            }
            _ => Err(ErrorKind::NothingToResume.into()),
        }
    }

    /// Makes that script ready.
    pub(super) fn prepare_begun(
        &mut self,
        row: &AppliedMigration,
        direction: Direction,
    ) -> Result<Prepared<'r>, Error> {
        let missing = || {
            let (version, name) = (row.version.clone(), row.name.clone());
            Error::from(Refused(vec![Refusal::Missing { version, name }]))
        };
        let mut migrations = self.set.migrations().iter();
        let migration = migrations
            .position(|m| m.version == row.version)
            .ok_or_else(missing)?;
        let step = Step {
            migration,
            direction,
        };
        let prepared = self.prepare_steps(&[step])?;
        prepared.into_iter().next().ok_or_else(missing)
    }

    /// The records of its statements, as the history that was read last has them.
    pub(super) fn records_of(
        &self,
        version: &Version,
        direction: Direction,
    ) -> Vec<StatementRecord> {
        let records = self.history.statements.iter();
        records
            .filter(|record| record.version == *version && record.direction == direction)
            .cloned()
            .collect()
    }

    /// Waits until the session is gone that was the last to begin a statement.
    pub(super) fn wait_for_last(
        &mut self,
        prepared: &Prepared<'_>,
        records: &[StatementRecord],
    ) -> Result<(), Error> {
        let last = records.last();
        match last.and_then(|last| Some((last, prepared.parts.get(last.index)?))) {
            Some((last, part)) => self.wait_for_orphan(last, part),
            None => Ok(()),
        }
    }

    /// Reads the history again, and answers whether this script is still unfinished with just these
    /// records.
    pub(super) fn is_as_before(
        &mut self,
        version: &Version,
        direction: Direction,
        records: &[StatementRecord],
    ) -> Result<bool, Error> {
        self.read_history()?;
        let unfinished = self.history.unfinished().map(|row| &row.version);
        Ok(unfinished == Some(version) && self.records_of(version, direction) == records)
    }

    /// Settles every record and records this process as the one that goes on. Nothing where another
    /// process went on meanwhile.
    fn take_over(
        &mut self,
        prepared: &Prepared<'_>,
        records: &[StatementRecord],
        assume: Option<Assume>,
    ) -> Result<Option<Vec<usize>>, Error> {
        let (version, direction) = (&prepared.migration.version, prepared.step.direction);
        if !self.is_as_before(version, direction, records)? {
            return Ok(None);
        }
        let done = self.settle_all(prepared, records, assume)?;
        self.lay_claim(prepared, &done)?;
        Ok(Some(done))
    }

    /// The statements that are done, after making sure.
    pub(super) fn settle_all(
        &mut self,
        prepared: &Prepared<'_>,
        records: &[StatementRecord],
        mut assume: Option<Assume>,
    ) -> Result<Vec<usize>, Error> {
        let mut done = Vec::with_capacity(records.len());
        for record in records {
            if self.settle(prepared, record, &mut assume)? {
                done.push(record.index);
            }
        }
        Ok(done)
    }

    /// Whether the statement of a record is done, after making sure.
    fn settle(
        &mut self,
        prepared: &Prepared<'_>,
        record: &StatementRecord,
        assume: &mut Option<Assume>,
    ) -> Result<bool, Error> {
        let code = prepared.parts.len();
        let edited = || {
            Error::from(ErrorKind::ResumedPrefixEdited {
                version: record.version.clone(),
                direction: record.direction,
                statement: record.index,
                done: record.done,
            })
        };
        let Some(part) = prepared.parts.get(record.index) else {
            // Rust code commits together with its record, so the record says it all.
            return if record.index == code && record.done {
                Ok(true)
            } else {
                Err(edited())
            };
        };
        if record.done {
            return if part.checksum() == record.checksum {
                Ok(true)
            } else {
                Err(edited())
            };
        }
        if part.checksum() != record.checksum {
            return Err(edited());
        }
        match assume.take() {
            Some(Assume::Done) => {
                self.table.statement_done(self.session, record)?;
                return Ok(true);
            }
            Some(Assume::NotDone) => {
                self.table.statement_undone(self.session, record)?;
                return Ok(false);
            }
            None => {}
        }
        match self.verdict(part, record)? {
            Verdict::Done => {
                self.table.statement_done(self.session, record)?;
                Ok(true)
            }
            Verdict::NotDone => {
                self.table.statement_undone(self.session, record)?;
                Ok(false)
            }
            Verdict::Remnant(_) => {
                self.remove_remnant(prepared, record.index, part, record)?;
                Ok(false)
            }
            Verdict::Unsure(evidence) => Err(ErrorKind::Unsure(Undecided {
                version: record.version.clone(),
                name: prepared.migration.name.to_string(),
                direction: record.direction,
                statement: record.index,
                line: part.line,
                sql: part.sql.clone(),
                evidence,
            })
            .into()),
        }
    }

    fn verdict(&mut self, part: &Part, record: &StatementRecord) -> Result<Verdict, Error> {
        Ok(match &part.class.recovery {
            Recovery::Session | Recovery::Repeat => Verdict::NotDone,
            Recovery::WithRecord => match self.data_outside_transactions()? {
                // It commits together with its record, so there is no record without it.
                None => Verdict::NotDone,
                Some(reason) => Verdict::Unsure(reason),
            },
            Recovery::Catalogue(change) => {
                let before = record.fingerprint.as_deref().and_then(fingerprint_states);
                let Some(before) = before else {
                    let why = "no record of what was there before it";
                    return Ok(Verdict::Unsure(why.to_owned()));
                };
                self.backend
                    .verdict(self.session, change, &before)
                    .map_err(Error::database("looking at what a statement changed"))?
            }
            _ => Verdict::Unsure("its effect leaves no trace in the catalogue".to_owned()),
        })
    }

    /// Removes what an interrupted statement left behind; then it counts as not done.
    pub(super) fn remove_remnant(
        &mut self,
        prepared: &Prepared<'_>,
        index: usize,
        part: &Part,
        record: &StatementRecord,
    ) -> Result<(), Error> {
        let Recovery::Catalogue(change) = &part.class.recovery else {
            return Ok(());
        };
        let before = vec![None; change.names.len()];
        let verdict = self
            .backend
            .verdict(self.session, change, &before)
            .map_err(Error::database("looking at what a statement left behind"))?;
        if let Verdict::Remnant(sql) = verdict {
            self.session
                .batch(&sql)
                .map_err(|source| prepared.failure(Some(index), false, source))?;
        }
        self.table.statement_undone(self.session, record)
    }

    /// Where no lock keeps runs apart while a script runs statement by statement: waits while
    /// another process is at one, as the history that was read last says. Answers whether none is
    /// left unfinished by it.
    pub(super) fn wait_for_running(&mut self) -> Result<bool, Error> {
        let begun = Instant::now();
        while self.is_running() {
            let session = self
                .history
                .statements
                .last()
                .map(|record| record.session.clone());
            let waited = begun.elapsed();
            if let Some(session) = &session {
                let alive = self
                    .backend
                    .session_is_alive(self.session, session, "")
                    .map_err(Error::database("looking for another run"))?;
                if !alive {
                    // It may have finished since the history was read.
                    self.read_history()?;
                    return Ok(!self.is_running());
                }
            }
            if self.observer.stop() {
                return Err(ErrorKind::Stopped { resumable: false }.into());
            }
            if waited >= self.settings.lock_wait {
                return Ok(false);
            }
            let holder = session.map(|session| format!("process {session}"));
            self.observer.event(&Event::LockWaiting {
                holder: holder.as_deref(),
                waited,
            });
            std::thread::sleep(std::time::Duration::from_millis(100));
            self.read_history()?;
        }
        Ok(true)
    }

    /// Whether a script that is not one transaction is begun and has neither ended nor failed.
    pub(super) fn is_running(&self) -> bool {
        let running = |row: &AppliedMigration| matches!(row.state, State::Running(_));
        self.history.unfinished().is_some_and(running)
    }

    /// Waits until the session that ran a statement is gone.
    fn wait_for_orphan(&mut self, record: &StatementRecord, part: &Part) -> Result<(), Error> {
        let begun = Instant::now();
        loop {
            let alive = self
                .backend
                .session_is_alive(self.session, &record.session, &part.sql)
                .map_err(Error::database("looking for the session of a statement"))?;
            if !alive {
                return Ok(());
            }
            let holder = Some(format!("session {}, still at statement", record.session));
            let waited = begun.elapsed();
            if self.observer.stop() {
                return Err(ErrorKind::Stopped { resumable: true }.into());
            }
            if waited >= self.settings.lock_wait {
                return Err(ErrorKind::LockHeld { waited, holder }.into());
            }
            self.observer.event(&Event::LockWaiting {
                holder: holder.as_deref(),
                waited,
            });
            std::thread::sleep(std::time::Duration::from_millis(200));
        }
    }
}
