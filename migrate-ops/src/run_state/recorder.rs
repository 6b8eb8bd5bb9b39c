//! A listener that writes what happens into the run's state, and hands it on.

use std::fmt;

use super::{RunState, RunStateError, What};
use crate::event::{Event, Listener};

/// Writes what happens into the run's state, and hands it on to another listener. Once something
/// cannot be written it asks to stop: nobody could tell afterwards where the run was.
///
/// Steps that begin and end are written too, so whoever uses a recorder need not say it twice.
pub struct Recorder<'a> {
    state: &'a mut RunState,
    next: &'a mut (dyn Listener + Send),
    failed: Option<RunStateError>,
}

impl<'a> Recorder<'a> {
    /// Writes into `state` and hands on to `next`.
    pub fn new(state: &'a mut RunState, next: &'a mut (dyn Listener + Send)) -> Self {
        Recorder {
            state,
            next,
            failed: None,
        }
    }

    /// The state, to write what is no event.
    pub fn state(&mut self) -> &mut RunState {
        self.state
    }

    /// Ends the recording.
    ///
    /// # Errors
    /// The first thing that could not be written.
    pub fn finish(self) -> Result<(), RunStateError> {
        self.failed.map_or(Ok(()), Err)
    }
}

impl fmt::Debug for Recorder<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recorder")
            .field("state", &self.state)
            .field("failed", &self.failed)
            .finish_non_exhaustive()
    }
}

impl Listener for Recorder<'_> {
    fn event(&mut self, event: &Event<'_>) {
        if self.failed.is_none()
            && let Some(what) = What::of(event).filter(What::is_lasting)
        {
            self.failed = self.state.write(what).err();
        }
        self.next.event(event);
    }

    fn stop(&mut self) -> bool {
        self.failed.is_some() || self.next.stop()
    }
}
