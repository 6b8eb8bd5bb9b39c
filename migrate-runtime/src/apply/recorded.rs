//! The history in memory, kept in step with the table, and the head that goes with it.

use std::time::Instant;

use migrate_core::Direction;
use migrate_core::history::{AppliedMigration, Head, HeadDigest, History, State};
use migrate_core::plan::{Refusal, Refused};
use migrate_core::{Checksum, Version};

use super::Run;
use super::script::Prepared;
use crate::error::Error;
use crate::event::Event;
use crate::history_table::{NewRow, TOOL};
use crate::report::{Done, Report};
use crate::session::in_transaction;

/// The history with the digest after each of its rows, so that appending or removing the newest
/// migration costs the same however many there are.
#[derive(Debug, Default)]
pub(crate) struct Known {
    history: History,
    digests: Vec<HeadDigest>,
    /// The highest number in sequence; 0 where nothing is applied.
    last_sequence: i64,
}

impl std::ops::Deref for Known {
    type Target = History;

    fn deref(&self) -> &History {
        &self.history
    }
}

impl From<History> for Known {
    fn from(history: History) -> Self {
        let mut known = Known {
            history,
            ..Known::default()
        };
        known.digest_from(0);
        known.find_last_sequence();
        known
    }
}

impl Known {
    fn digest_from(&mut self, first: usize) {
        self.digests.truncate(first);
        let mut digest = self.digests.last().cloned().unwrap_or_default();
        for row in self.history.applied.iter().skip(first) {
            digest.push(&row.version, &row.checksum);
            self.digests.push(digest.clone());
        }
    }

    pub(super) fn head(&self) -> Head {
        let digest = match self.history.unfinished() {
            Some(_) => None,
            None => Some(self.digests.last().cloned().unwrap_or_default().checksum()),
        };
        Head {
            count: self.history.applied.len(),
            digest,
        }
    }

    fn find(&self, version: &Version) -> Result<usize, usize> {
        let applied = &self.history.applied;
        // Nearly always it comes after all others.
        if applied.last().is_none_or(|row| row.version < *version) {
            return Err(applied.len());
        }
        applied.binary_search_by(|row| row.version.cmp(version))
    }

    /// The number in sequence of the next migration. While the lock is held the database cannot know
    /// a higher one, and it would have to read every row to tell.
    fn next_sequence(&self) -> i64 {
        self.last_sequence.saturating_add(1)
    }

    /// Adds a row, or changes the one that is there.
    pub(super) fn put(&mut self, version: &Version, name: &str, checksum: Checksum, state: State) {
        let index = match self.find(version) {
            Ok(index) => {
                if let Some(row) = self.history.applied.get_mut(index) {
                    row.state = state;
                    row.checksum = checksum;
                }
                index
            }
            Err(index) => {
                let sequence = self.next_sequence();
                self.last_sequence = sequence;
                self.history.applied.insert(
                    index,
                    AppliedMigration {
                        version: version.clone(),
                        name: name.to_owned(),
                        checksum,
                        sequence,
                        state,
                        started_at: String::new(),
                        finished_at: None,
                        applied_by: String::new(),
                        tool: TOOL.to_owned(),
                        error: None,
                    },
                );
                index
            }
        };
        self.digest_from(index);
    }

    /// Removes a row.
    pub(super) fn remove(&mut self, version: &Version) {
        if let Ok(index) = self.find(version) {
            self.history.applied.remove(index);
            self.digest_from(index);
            self.find_last_sequence();
        }
    }

    fn find_last_sequence(&mut self) {
        let sequences = self.history.applied.iter().map(|row| row.sequence);
        self.last_sequence = sequences.max().unwrap_or(0);
    }

    /// The head that there would be with one more migration, cleanly applied.
    fn head_with(&self, version: &Version, checksum: &Checksum) -> Head {
        match self.find(version) {
            Ok(index) => self.head_where(index, Some((version, checksum)), index + 1),
            Err(index) => self.head_where(index, Some((version, checksum)), index),
        }
    }

    /// The head that there would be without a migration.
    fn head_without(&self, version: &Version) -> Head {
        match self.find(version) {
            Ok(index) => self.head_where(index, None, index + 1),
            Err(_) => self.head(),
        }
    }

    /// The head of the rows before `index`, of `new`, and of the rows from `rest` on.
    fn head_where(&self, index: usize, new: Option<(&Version, &Checksum)>, rest: usize) -> Head {
        let before = index.checked_sub(1).and_then(|last| self.digests.get(last));
        let mut digest = before.cloned().unwrap_or_default();
        let rest = self.history.applied.iter().skip(rest);
        let mut count = index;
        for (version, checksum) in new
            .into_iter()
            .chain(rest.map(|row| (&row.version, &row.checksum)))
        {
            digest.push(version, checksum);
            count += 1;
        }
        Head {
            count,
            digest: Some(digest.checksum()),
        }
    }
}

impl Run<'_> {
    pub(super) fn head_now(&self) -> Head {
        self.history.head()
    }

    /// The head once this step is recorded as done.
    pub(super) fn head_after(&self, prepared: &Prepared<'_>) -> Head {
        let version = &prepared.migration.version;
        match prepared.step.direction {
            Direction::Up => self
                .history
                .head_with(version, &prepared.migration.up.checksum),
            Direction::Down => self.history.head_without(version),
        }
    }

    /// Adds the row of a migration to the table.
    pub(super) fn insert_row(
        &mut self,
        prepared: &Prepared<'_>,
        state: State,
    ) -> Result<(), Error> {
        let row = NewRow {
            version: &prepared.migration.version,
            name: &prepared.migration.name,
            checksum: prepared.migration.up.checksum,
            sequence: self.history.next_sequence(),
            state,
            user: &self.server.user,
            how: None,
        };
        self.table.insert(self.session, &row)
    }

    /// Follows in memory what has been committed.
    pub(super) fn record_in_memory(&mut self, prepared: &Prepared<'_>) {
        let migration = prepared.migration;
        match prepared.step.direction {
            Direction::Up => self.history.put(
                &migration.version,
                &migration.name,
                migration.up.checksum,
                State::Applied,
            ),
            Direction::Down => self.history.remove(&migration.version),
        }
    }

    /// Notes a script that is done and recorded.
    pub(super) fn complete(&mut self, prepared: &Prepared<'_>, begun: Instant) {
        let done = Done {
            version: prepared.migration.version.clone(),
            name: prepared.migration.name.to_string(),
            direction: prepared.step.direction,
            statements: prepared.parts.len(),
            duration: begun.elapsed(),
        };
        self.observer.event(&Event::MigrationFinished(&done));
        self.completed.push(done);
    }

    /// Records migrations as applied without running them, all in one transaction.
    pub(crate) fn record_applied(&mut self, indexes: &[usize], how: &str) -> Result<Report, Error> {
        let begun = Instant::now();
        let set = self.set;
        self.create_tables()?;
        let mut steps = Vec::new();
        let mut history = Known::from(self.history.history.clone());
        let (table, user) = (&self.table, self.server.user.as_str());
        in_transaction(self.session, |session| {
            for migration in indexes
                .iter()
                .filter_map(|index| set.migrations().get(*index))
            {
                table.insert(
                    session,
                    &NewRow {
                        version: &migration.version,
                        name: &migration.name,
                        checksum: migration.up.checksum,
                        sequence: history.next_sequence(),
                        state: State::Applied,
                        user,
                        how: Some(how),
                    },
                )?;
                let checksum = migration.up.checksum;
                history.put(
                    &migration.version,
                    &migration.name,
                    checksum,
                    State::Applied,
                );
                steps.push(Done {
                    version: migration.version.clone(),
                    name: migration.name.to_string(),
                    direction: Direction::Up,
                    statements: 0,
                    duration: begun.elapsed(),
                });
            }
            table.set_head(session, history.head())
        })?;
        self.history = history;
        Ok(Report {
            steps,
            ..Report::default()
        })
    }

    /// Records everything up to `version` as applied.
    pub(crate) fn baseline(&mut self, version: &Version) -> Result<Report, Error> {
        let newest = self
            .set
            .get(version)
            .map(|migration| migration.version.clone());
        let Some(newest) = newest else {
            let unknown = Refusal::UnknownVersion {
                version: version.clone(),
            };
            return Err(Refused(vec![unknown]).into());
        };
        self.locked_over_foreign(|run| {
            if !run.history.applied.is_empty() {
                let problem = format!(
                    "holds {} applied migrations already; a baseline is for a database whose history \
                     is empty",
                    run.history.applied.len()
                );
                return Err(run.table.broken(problem));
            }
            let migrations = run.set.migrations().iter().enumerate();
            let covered: Vec<usize> = migrations
                .filter(|(_, migration)| migration.version <= newest)
                .map(|(index, _)| index)
                .collect();
            run.record_applied(&covered, "baseline")
        })
    }
}
