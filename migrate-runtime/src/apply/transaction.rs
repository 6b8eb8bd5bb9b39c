//! A script that is one transaction: its statements, its Rust code and its row in the history
//! commit together.

use std::time::Instant;

use diesel::result::Error as DieselError;
use migrate_core::Direction;
use migrate_core::history::{Head, State};
use migrate_core::plan::{Refusal, Refused};

use super::foreign_keys::{Keys, Violations};
use super::script::Prepared;
use super::{Run, pause};
use crate::backend::SessionState;
use crate::error::{Error, ErrorKind};
use crate::event::Event;
use crate::obstacle::Obstacle;

/// Why an attempt did not commit.
struct Attempt {
    error: Error,
    /// Whether it waited too long for a lock, so that another attempt may succeed.
    lock_timeout: bool,
}

impl From<Error> for Attempt {
    fn from(error: Error) -> Self {
        Attempt {
            error,
            lock_timeout: false,
        }
    }
}

impl Run<'_> {
    /// Runs a script in one transaction, again after a lock timeout. Answers whether it ran: on
    /// SQLite another process may have been faster.
    pub(super) fn run_in_transaction(&mut self, prepared: &Prepared<'_>) -> Result<bool, Error> {
        let before = self.switch_keys(prepared)?;
        let result = self.attempts(prepared, before == Some(Keys::On));
        if let Some(before) = before {
            let switched = self.set_keys(before);
            // The first error is the one to tell.
            return result.and_then(|ran| switched.map(|()| ran));
        }
        result
    }

    fn attempts(&mut self, prepared: &Prepared<'_>, check_keys: bool) -> Result<bool, Error> {
        let step = prepared.step;
        let repeatable = !prepared.has_code()
            || self
                .session
                .code_is_repeatable(step.migration, step.direction);
        let of = if repeatable {
            self.settings.lock_retries + 1
        } else {
            1
        };
        let mut attempt = 1;
        loop {
            match self.attempt(prepared, check_keys) {
                Ok(ran) => return Ok(ran),
                Err(failed) if failed.lock_timeout && attempt < of => {
                    let pause = pause(attempt);
                    self.observer
                        .event(&Event::LockTimeout { attempt, of, pause });
                    if self.observer.stop() {
                        return Err(ErrorKind::Stopped { resumable: false }.into());
                    }
                    std::thread::sleep(pause);
                    attempt += 1;
                }
                Err(failed) => return Err(failed.error),
            }
        }
    }

    /// One attempt: either everything commits, or nothing remains.
    fn attempt(&mut self, prepared: &Prepared<'_>, check_keys: bool) -> Result<bool, Attempt> {
        if !self.begin_claimed(prepared)? {
            return Ok(false);
        }
        let head = self.head_after(prepared);
        let state = match self.inside(prepared, check_keys, head) {
            Ok(state) => state,
            Err(failed) => {
                // The first error is the one to tell; a lost connection has rolled back already.
                let _ = self.session.rollback();
                return Err(failed);
            }
        };
        self.session.commit().map_err(|source| Attempt {
            lock_timeout: self.backend.is_lock_timeout(&source),
            error: match self.backend.obstacle(&source) {
                // It may have committed, and nobody was there to hear it.
                Some(Obstacle::Connection) => Error::database("committing")(source),
                _ => prepared.failure(None, true, source),
            },
        })?;
        self.record_in_memory(prepared, head);
        if let Some(state) = state.filter(|_| self.backend.lock_is_transaction()) {
            // What was attached is in use until the transaction ends.
            self.backend
                .restore_state(self.session, &state)
                .map_err(Error::database("putting the session's settings back"))?;
        }
        Ok(true)
    }

    /// What happens in the transaction, which leads to `head`. Answers with the session's state
    /// before it, where the script may have changed that.
    fn inside(
        &mut self,
        prepared: &Prepared<'_>,
        check_keys: bool,
        head: Head,
    ) -> Result<Option<SessionState>, Attempt> {
        let state = if prepared.changes_session() || self.backend.session_changes_unseen() {
            Some(self.save_state(&prepared.custom_settings)?)
        } else {
            None
        };
        let before = match check_keys || prepared.keys.have_to_be_off() {
            true => Some(self.violations()?),
            false => None,
        };
        // Behind a lease, a holder that was frozen past its expiry may still have a transaction open
        // that whatever comes after it waits for.
        let strong = (prepared.takes_strong_lock() || self.table.is_leased())
            && !self.backend.lock_is_transaction();
        self.backend
            .set_timeouts(
                self.session,
                strong.then_some(self.settings.lock_timeout),
                self.settings.statement_timeout,
            )
            .map_err(Error::database("setting timeouts"))?;
        self.statements(prepared)?;
        if let Some(state) = &state {
            self.backend
                .restore_state(self.session, state)
                .map_err(Error::database("putting the session's settings back"))?;
        }
        self.finish_inside(prepared, before, head)?;
        Ok(state)
    }

    fn statements(&mut self, prepared: &Prepared<'_>) -> Result<(), Attempt> {
        if Self::code_first(prepared) {
            self.code(prepared)?;
        }
        let of = prepared.parts.len();
        for (index, part) in prepared.parts.iter().enumerate() {
            if prepared.keys.takes_out(index) {
                continue;
            }
            self.send(index, of, part).map_err(|source| {
                let lock_timeout = self.backend.is_lock_timeout(&source);
                Attempt {
                    error: prepared.failure(Some(index), true, source),
                    lock_timeout,
                }
            })?;
            if self.observer.stop() {
                return Err(Error::from(ErrorKind::Stopped { resumable: false }).into());
            }
        }
        if !Self::code_first(prepared) {
            self.code(prepared)?;
        }
        Ok(())
    }

    fn code(&mut self, prepared: &Prepared<'_>) -> Result<(), Attempt> {
        self.run_code(prepared).map_err(|error| {
            let lock_timeout = match error.kind() {
                ErrorKind::Failed(failure) => failure
                    .source
                    .downcast_ref::<DieselError>()
                    .is_some_and(|source| self.backend.is_lock_timeout(source)),
                _ => false,
            };
            Attempt {
                error,
                lock_timeout,
            }
        })
    }

    fn finish_inside(
        &mut self,
        prepared: &Prepared<'_>,
        before: Option<Violations>,
        head: Head,
    ) -> Result<(), Error> {
        if let Some(before) = before {
            self.refuse_new_violations(prepared, &before)?;
        }
        match prepared.step.direction {
            Direction::Up => self.insert_row(prepared, State::Applied)?,
            Direction::Down => self
                .table
                .delete(self.session, &prepared.migration.version)?,
        }
        self.table.set_head(self.session, head)
    }

    /// Begins a transaction. Where that transaction is the migration lock, takes the write lock at
    /// once and looks whether the history is still as it was planned on.
    fn begin_claimed(&mut self, prepared: &Prepared<'_>) -> Result<bool, Error> {
        let doing = "beginning a transaction";
        if !self.backend.lock_is_transaction() || self.claimed {
            self.session.begin().map_err(Error::database(doing))?;
            return Ok(true);
        }
        // Inside another transaction this one is a savepoint: what it locks stays locked, whatever
        // becomes of it, and the history stays as it is seen now.
        let inside = self.session.in_transaction();
        let claimed = self.claim(prepared)?;
        self.claimed = inside && claimed;
        Ok(claimed)
    }

    /// Begins a transaction that holds the write lock, and looks whether the step is still to be
    /// done; waits while another process is at a script that is not one transaction. Where another
    /// process has done the step, no transaction is open and the answer is no.
    pub(super) fn claim(&mut self, prepared: &Prepared<'_>) -> Result<bool, Error> {
        loop {
            let as_known = self.begin_writing()?;
            let needed = self.still_needed(prepared, as_known);
            if matches!(needed, Ok(true)) {
                return needed;
            }
            // The first error is the one to tell.
            let _ = self.session.rollback();
            if needed.is_ok() || !self.is_running() || !self.wait_for_running()? {
                return needed;
            }
        }
    }

    /// Begins a transaction whose first statement is a write, which is what BEGIN IMMEDIATE does,
    /// but through diesel's transaction manager whatever the kind of connection. Answers whether
    /// the history is seen to be as it is known here.
    pub(super) fn begin_writing(&mut self) -> Result<bool, Error> {
        let doing = "beginning a transaction";
        let claim = self.table.claim_sql(self.head_now());
        let begun = Instant::now();
        loop {
            self.session.begin().map_err(Error::database(doing))?;
            let source = match self.session.execute(&claim) {
                Ok(rows) => return Ok(rows == 1),
                Err(source) => source,
            };
            let _ = self.session.rollback();
            if !self.backend.is_lock_timeout(&source) {
                return Err(Error::database(doing)(source));
            }
            let waited = begun.elapsed();
            self.observer.event(&Event::LockWaiting {
                holder: None,
                waited,
            });
            if self.observer.stop() {
                return Err(ErrorKind::Stopped { resumable: false }.into());
            }
            if waited >= self.settings.lock_wait {
                return Err(ErrorKind::LockHeld {
                    waited,
                    holder: None,
                }
                .into());
            }
        }
    }

    /// Inside the claimed transaction: whether the step is still to be done. Another process may
    /// have done it since the plan was made.
    fn still_needed(&mut self, prepared: &Prepared<'_>, as_known: bool) -> Result<bool, Error> {
        if self.dry_run {
            return Ok(true);
        }
        if !as_known {
            self.read_history()?;
        }
        match self.history.unfinished() {
            None => {}
            Some(row) => {
                return Err(Refused(vec![Refusal::Unfinished {
                    version: row.version.clone(),
                    name: row.name.clone(),
                    direction: match row.state {
                        State::Running(direction) | State::Failed(direction) => direction,
                        State::Applied => Direction::Up,
                    },
                    failed: matches!(row.state, State::Failed(_)),
                }])
                .into());
            }
        }
        let known = self.history.has(&prepared.migration.version);
        Ok(known == (prepared.step.direction == Direction::Down))
    }
}
