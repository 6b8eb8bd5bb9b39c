//! What a run tells while it goes on.

use std::time::Duration;

use migrate_core::{Direction, Version};

use crate::report::Done;

/// Something that happened in a run.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// The files of the embedded directory are not those that were compiled in; seen in debug
    /// builds only.
    DirectoryChanged {
        /// The directory.
        path: &'a str,
        /// What is in one and not in the other.
        difference: &'a [String],
    },
    /// Another run holds the migration lock.
    LockWaiting {
        /// Who, as far as the database tells.
        holder: Option<&'a str>,
        /// For how long this run has waited.
        waited: Duration,
    },
    /// This run holds the migration lock.
    LockAcquired {
        /// How long it waited.
        waited: Duration,
    },
    /// The migration lock is released.
    LockReleased,
    /// The plan is made.
    Planned {
        /// How many scripts will run.
        steps: usize,
        /// Versions in the database that are newer than all that is known here.
        ahead: &'a [Version],
        /// Versions among the steps that are older than the newest applied one.
        out_of_order: &'a [Version],
    },
    /// A script begins.
    MigrationStarted {
        /// The version.
        version: &'a Version,
        /// The name.
        name: &'a str,
        /// Which script.
        direction: Direction,
        /// How many statements it has.
        statements: usize,
        /// Whether they share one transaction.
        transaction: bool,
        /// Which of the planned scripts, from 1.
        position: usize,
        /// How many are planned.
        of: usize,
    },
    /// A statement begins.
    StatementStarted {
        /// Which, from 0.
        index: usize,
        /// Of how many.
        of: usize,
        /// Its text.
        sql: &'a str,
        /// The line of the script that it begins in, from 1.
        line: usize,
    },
    /// A statement is done.
    StatementFinished {
        /// Which, from 0.
        index: usize,
        /// Of how many.
        of: usize,
        /// How long it took.
        duration: Duration,
    },
    /// A statement is not run, because an earlier run did it.
    StatementSkipped {
        /// Which, from 0.
        index: usize,
        /// Of how many.
        of: usize,
    },
    /// The Rust code of a migration begins.
    CodeStarted,
    /// The Rust code of a migration is done.
    CodeFinished {
        /// How long it took.
        duration: Duration,
    },
    /// A statement waited too long for a lock; it, or its whole transaction, is tried again.
    LockTimeout {
        /// The attempt that failed, from 1.
        attempt: u32,
        /// How many attempts there are in all.
        of: u32,
        /// How long the pause before the next one is.
        pause: Duration,
    },
    /// A script is done and recorded.
    MigrationFinished(&'a Done),
}

/// Somebody who is told.
///
/// Any `FnMut(&Event<'_>)` is one.
///
/// ```
/// use migrate_runtime::{Event, Observer};
/// let mut seen = 0;
/// let mut observer = |_: &Event<'_>| seen += 1;
/// observer.event(&Event::LockReleased);
/// assert!(!observer.stop());
/// ```
pub trait Observer {
    /// Something happened.
    fn event(&mut self, event: &Event<'_>);

    /// Whether the run should stop. Asked when a script begins, before anything of it is sent, after
    /// every statement and while it waits; a transaction that is open is rolled back, and a script
    /// that is not one stays resumable.
    fn stop(&mut self) -> bool {
        false
    }
}

impl<F: FnMut(&Event<'_>)> Observer for F {
    fn event(&mut self, event: &Event<'_>) {
        self(event);
    }
}

/// Tells nobody.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Observer for Silent {
    fn event(&mut self, _: &Event<'_>) {}
}
