//! Everything that happens, as lines of JSON for other programs.

use std::fmt;
use std::io::{self, Write};

use crate::event::{Event, Listener};
use crate::run_state::{Entry, What};

/// Writes everything that happens as lines of JSON (see [`Entry`]) for other programs to follow, and
/// hands it on. What cannot be written stops nothing: the run's own state has what matters.
///
/// ```
/// use migrate_ops::event::{Event, Listener, Step};
/// use migrate_ops::execute::EventLog;
///
/// let mut lines = Vec::new();
/// let mut listener = |_: &Event<'_>| {};
/// let mut log = EventLog::new(&mut lines, &mut listener);
/// log.event(&Event::Started(Step::Apply));
/// assert!(log.finish().is_ok());
/// assert!(String::from_utf8(lines).unwrap().contains(r#""event":"step_started","step":"apply""#));
/// ```
pub struct EventLog<'a, W> {
    to: W,
    next: &'a mut (dyn Listener + Send),
    failed: Option<io::Error>,
}

impl<'a, W: Write> EventLog<'a, W> {
    /// Writes to `to`, and hands on to `next`.
    pub fn new(to: W, next: &'a mut (dyn Listener + Send)) -> Self {
        EventLog {
            to,
            next,
            failed: None,
        }
    }

    /// Ends the log.
    ///
    /// # Errors
    /// The first thing that could not be written; nothing was written after it.
    pub fn finish(mut self) -> io::Result<()> {
        match self.failed.take() {
            Some(error) => Err(error),
            None => self.to.flush(),
        }
    }
}

impl<W> fmt::Debug for EventLog<'_, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventLog")
            .field("failed", &self.failed)
            .finish_non_exhaustive()
    }
}

impl<W: Write> Listener for EventLog<'_, W> {
    fn event(&mut self, event: &Event<'_>) {
        if self.failed.is_none()
            && let Some(what) = What::of(event)
        {
            let written = serde_json::to_vec(&Entry::now(what))
                .map_err(io::Error::other)
                .and_then(|mut line| {
                    line.push(b'\n');
                    self.to.write_all(&line).and_then(|()| self.to.flush())
                });
            self.failed = written.err();
        }
        self.next.event(event);
    }

    fn stop(&mut self) -> bool {
        self.next.stop()
    }
}
