//! What a step of a safe run tells while it goes on.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::execute::Sample;

/// A step of a safe run, in its order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Step {
    /// What is pending, what it does, whether the database is what the migrations make.
    Analyse,
    /// A backup is made, and restored to see that it can be.
    Backup,
    /// The migrations are tried on a copy.
    Rehearse,
    /// What the run will do to the database and its users, and whether to go.
    Plan,
    /// The migrations are applied.
    Apply,
    /// Whether data and schema are as they should be.
    Validate,
    /// After a failure, the backup is put in the place of the database.
    Restore,
    /// All of it is written down.
    Report,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Step::Analyse => "analyse",
            Step::Backup => "backup",
            Step::Rehearse => "rehearse",
            Step::Plan => "plan",
            Step::Apply => "apply",
            Step::Validate => "validate",
            Step::Restore => "restore",
            Step::Report => "report",
        })
    }
}

/// Something that happened in a step.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// A step begins.
    Started(Step),
    /// A step goes on.
    Progress {
        /// The step.
        step: Step,
        /// What it does just now: "dumping", without a final period.
        text: &'a str,
        /// How much of it is done, from 0 to 1, where that is known.
        fraction: Option<f64>,
    },
    /// Something that a person should know, and that stops nothing.
    Warning {
        /// The step.
        step: Step,
        /// A sentence without a final period.
        text: &'a str,
    },
    /// Something that happened while migrations were run, on the database itself or on a copy.
    Migration {
        /// [`Step::Rehearse`] on a copy, [`Step::Apply`] on the database.
        step: Step,
        /// What happened.
        event: &'a migrate_runtime::Event<'a>,
    },
    /// How the server fares while a step goes on.
    Sampled {
        /// The step.
        step: Step,
        /// Its figures.
        sample: &'a Sample,
    },
    /// A step is done.
    Finished {
        /// The step.
        step: Step,
        /// What came of it, in one line.
        summary: &'a str,
    },
}

/// Somebody who is told, and who may stop a step.
///
/// Any `FnMut(&Event<'_>)` is one.
///
/// ```
/// use migrate_ops::event::{Event, Listener, Step};
///
/// let mut steps = Vec::new();
/// let mut listener = |event: &Event<'_>| {
///     if let Event::Started(step) = event {
///         steps.push(*step);
///     }
/// };
/// listener.event(&Event::Started(Step::Backup));
/// assert!(!listener.stop());
/// # drop(listener);
/// assert_eq!(steps, [Step::Backup]);
/// ```
pub trait Listener {
    /// Something happened.
    fn event(&mut self, event: &Event<'_>);

    /// Whether the step should stop as soon as that loses nothing.
    fn stop(&mut self) -> bool {
        false
    }
}

impl<F: FnMut(&Event<'_>)> Listener for F {
    fn event(&mut self, event: &Event<'_>) {
        self(event);
    }
}

/// Hands what a migrator tells on to a [`Listener`].
pub struct Relay<'a> {
    step: Step,
    listener: &'a mut dyn Listener,
}

impl<'a> Relay<'a> {
    /// For a step that runs migrations.
    pub fn new(step: Step, listener: &'a mut dyn Listener) -> Self {
        Relay { step, listener }
    }
}

impl fmt::Debug for Relay<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Relay")
            .field("step", &self.step)
            .finish_non_exhaustive()
    }
}

impl migrate_runtime::Observer for Relay<'_> {
    fn event(&mut self, event: &migrate_runtime::Event<'_>) {
        let step = self.step;
        self.listener.event(&Event::Migration { step, event });
    }

    fn stop(&mut self) -> bool {
        self.listener.stop()
    }
}
