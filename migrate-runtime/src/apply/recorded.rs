//! The history in memory, kept in step with the table, and the head that goes with it.

use std::cell::OnceCell;
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
/// migration costs the same however many there are. What it keeps beside the rows follows from
/// them, and only [`From`], `put` and `remove` change them.
#[derive(Debug, Default)]
pub(crate) struct Known {
    history: History,
    digests: Vec<HeadDigest>,
    /// The checksum of the last digest, once somebody asked for it.
    checksum: OnceCell<Checksum>,
    /// How many rows are not cleanly applied.
    unfinished: usize,
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
        let unfinished = history
            .applied
            .iter()
            .filter(|row| row.state.is_unfinished());
        let mut known = Known {
            unfinished: unfinished.count(),
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
        self.checksum.take();
        self.digests.truncate(first);
        let mut digest = self.digests.last().cloned().unwrap_or_default();
        for row in self.history.applied.iter().skip(first) {
            digest.push(&row.version, &row.checksum);
            self.digests.push(digest.clone());
        }
    }

    /// [`History::unfinished`], without a look at every row.
    pub(super) fn unfinished(&self) -> Option<&AppliedMigration> {
        match self.unfinished {
            0 => None,
            _ => self.history.unfinished(),
        }
    }

    /// [`History::head`], without a look at every row.
    pub(super) fn head(&self) -> Head {
        let checksum = || self.digests.last().cloned().unwrap_or_default().checksum();
        let digest = match self.unfinished {
            0 => Some(*self.checksum.get_or_init(checksum)),
            _ => None,
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

    /// Whether there is a row of a version.
    pub(super) fn has(&self, version: &Version) -> bool {
        self.find(version).is_ok()
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
                    self.unfinished -= usize::from(row.state.is_unfinished());
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
        self.unfinished += usize::from(state.is_unfinished());
        self.digest_from(index);
    }

    /// Removes a row.
    pub(super) fn remove(&mut self, version: &Version) {
        if let Ok(index) = self.find(version) {
            let row = self.history.applied.remove(index);
            self.unfinished -= usize::from(row.state.is_unfinished());
            self.digest_from(index);
            self.find_last_sequence();
        }
    }

    /// Notes the head that was written with the last change, so that it is not made again.
    fn note_head(&mut self, head: Head) {
        if let Some(checksum) = head.digest {
            self.checksum = OnceCell::from(checksum);
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

    /// Follows in memory what has been committed, with the head that was written.
    pub(super) fn record_in_memory(&mut self, prepared: &Prepared<'_>, head: Head) {
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
        self.history.note_head(head);
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

#[cfg(test)]
mod tests {
    use super::*;

    /// What is kept beside the rows is what the rows say.
    fn assert_follows(known: &Known, after: &str) {
        let read = Known::from(known.history.clone());
        assert_eq!(known.head(), known.history.head(), "head after {after}");
        assert_eq!(known.head(), read.head(), "head after {after}");
        assert_eq!(
            known.unfinished(),
            known.history.unfinished(),
            "unfinished after {after}"
        );
        assert_eq!(known.unfinished, read.unfinished, "count after {after}");
        assert_eq!(known.last_sequence, read.last_sequence, "after {after}");
        let digests = known.digests.iter().map(HeadDigest::checksum);
        let all = read.digests.iter().map(HeadDigest::checksum);
        assert!(digests.eq(all), "digests after {after}");
    }

    #[test]
    fn what_is_known_follows_every_change() {
        const VERSIONS: [&str; 7] = ["1", "2", "3", "10", "20", "100", "101"];
        let states = [
            State::Applied,
            State::Running(Direction::Up),
            State::Failed(Direction::Down),
        ];
        let mut known = Known::default();
        assert_follows(&known, "nothing");
        // A fixed sequence that visits every version many times, in every state and out of order.
        let mut seed: u32 = 7;
        for round in 0..400 {
            seed = seed.wrapping_mul(1_103_515_245).wrapping_add(12_345);
            let draw = (seed >> 16) as usize;
            let version = Version::from_static(VERSIONS[draw % VERSIONS.len()]);
            let checksum = Checksum::from_bytes([(draw % 5) as u8; 32]);
            let state = states[draw % states.len()];
            let removes = draw.is_multiple_of(4);
            if removes {
                known.remove(&version);
            } else {
                known.put(&version, "name", checksum, state);
            }
            let after = format!("round {round}, {state:?} of {version}");
            assert_follows(&known, &after);
            assert_eq!(known.has(&version), !removes, "{after}");
        }
    }

    #[test]
    fn a_head_that_is_foretold_comes_true() {
        let checksum = Checksum::from_bytes([1; 32]);
        let mut known = Known::default();
        // Behind the last, between two, and one that is there.
        for version in ["2", "8", "5", "8"].map(Version::from_static) {
            let head = known.head_with(&version, &checksum);
            known.put(&version, "name", checksum, State::Applied);
            assert_eq!(known.head(), head, "with {version}");
            known.note_head(head);
            assert_follows(&known, "noting the head");
        }
        for version in ["5", "3", "8", "2"].map(Version::from_static) {
            let head = known.head_without(&version);
            known.remove(&version);
            assert_eq!(known.head(), head, "without {version}");
            known.note_head(head);
            assert_follows(&known, "noting the head");
        }
    }
}
