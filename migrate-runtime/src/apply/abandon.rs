//! Giving up a script that was begun and of which nothing happened: its record goes, and the script
//! may be edited, renamed or removed as if it had never been run.

use migrate_core::Direction;
use migrate_core::history::{AppliedMigration, State, StatementRecord};

use super::Run;
use super::script::Prepared;
use crate::error::{Error, ErrorKind};
use crate::migrator::Assume;
use crate::report::Abandoned;
use crate::session::in_transaction;

impl Run<'_> {
    /// Removes the record of the one script that is unfinished; refuses where some of it happened.
    pub(crate) fn abandon(&mut self, assume: Option<Assume>) -> Result<Abandoned, Error> {
        self.locked_over_foreign(|run| run.abandon_locked(assume))
    }

    fn abandon_locked(&mut self, assume: Option<Assume>) -> Result<Abandoned, Error> {
        let (row, direction) = self.begun()?;
        let records = self.records_of(&row.version, direction);
        // Only a statement that was begun and not recorded as done has to be looked at; the file may
        // be gone where there is none.
        let prepared = match records.iter().any(|record| !record.done) {
            true => Some(self.prepare_begun(&row, direction)?),
            false => None,
        };
        if let Some(prepared) = &prepared {
            self.wait_for_last(prepared, &records)?;
        }
        if self.backend.lock_is_transaction() {
            self.begin_writing()?;
            let unchanged = self.is_as_before(&row.version, direction, &records);
            let removed = unchanged.and_then(|unchanged| {
                if unchanged {
                    self.remove_begun(&row, direction, prepared.as_ref(), &records, assume)?;
                }
                Ok(unchanged)
            });
            if !matches!(removed, Ok(true)) {
                // The first error is the one to tell.
                let _ = self.session.rollback();
            }
            if !removed? {
                // Another process went on meanwhile.
                return self.abandon_locked(assume);
            }
            self.session
                .commit()
                .map_err(Error::database("committing"))?;
        } else {
            self.remove_begun(&row, direction, prepared.as_ref(), &records, assume)?;
        }
        Ok(Abandoned {
            version: row.version,
            name: row.name,
            direction,
            sql: Vec::new(),
        })
    }

    /// Settles what is open, and removes the record where nothing is done.
    fn remove_begun(
        &mut self,
        row: &AppliedMigration,
        direction: Direction,
        prepared: Option<&Prepared<'_>>,
        records: &[StatementRecord],
        assume: Option<Assume>,
    ) -> Result<(), Error> {
        let done = match prepared {
            Some(prepared) => self.settle_all(prepared, records, assume)?,
            None => records.iter().map(|record| record.index).collect(),
        };
        if !done.is_empty() {
            return Err(ErrorKind::PartlyDone {
                version: row.version.clone(),
                name: row.name.clone(),
                direction,
                statements: done,
            }
            .into());
        }
        match direction {
            Direction::Up => self.history.remove(&row.version),
            Direction::Down => {
                self.history
                    .put(&row.version, &row.name, row.checksum, State::Applied);
            }
        }
        let (table, head) = (&self.table, self.history.head());
        in_transaction(self.session, |session| {
            match direction {
                Direction::Up => table.delete(session, &row.version)?,
                Direction::Down => table.set_still_applied(session, &row.version)?,
            }
            table.set_head(session, head)
        })
    }
}
