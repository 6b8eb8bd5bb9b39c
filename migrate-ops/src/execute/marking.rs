//! Where the log of the server stood before the first statement.

use migrate_runtime::{Code, Event as Migration};

use crate::Deployment;
use crate::backup::{LogMark, log_mark};
use crate::connect::{Engine, Open};
use crate::event::{Event, Listener, Step};
use crate::run_state::Recorder;

/// The name under which a run keeps where the log of the server stood before its first statement: a
/// physical backup can be rolled forward to there.
pub const LOG_MARK: &str = "log_mark";

/// Reads where the log stands, once.
type Read = Box<dyn FnOnce() -> Option<LogMark> + Send>;

/// Hands everything on to a recorder, and writes down the mark before the first script is told of.
pub(super) struct Marking<'a, 'r> {
    recorder: &'a mut Recorder<'r>,
    read: Option<Read>,
}

impl<'a, 'r> Marking<'a, 'r> {
    pub(super) fn new<DB: Engine, K: Code<DB>>(
        recorder: &'a mut Recorder<'r>,
        deployment: &Deployment<'_, DB, K>,
    ) -> Self {
        let read = read(deployment);
        Marking { recorder, read }
    }
}

/// Makes the connection that the mark is read through, so that reading takes an instant. Where there is
/// none, or no log, there is no mark; the run has its own connection and says what is wrong with that.
fn read<DB: Engine, K: Code<DB>>(deployment: &Deployment<'_, DB, K>) -> Option<Read> {
    if !DB::HAS_SESSIONS {
        return None;
    }
    let mut connection = deployment.connect(Open::Existing).ok()?.connection;
    Some(Box::new(move || log_mark::<DB>(&mut connection).ok()?))
}

impl Listener for Marking<'_, '_> {
    fn event(&mut self, event: &Event<'_>) {
        let begins = matches!(
            event,
            Event::Migration {
                event: Migration::MigrationStarted { .. },
                ..
            }
        );
        if begins
            && let Some(read) = self.read.take()
            && let Some(mark) = read()
        {
            let kept = self.recorder.state().evidence(Step::Apply, LOG_MARK, &mark);
            if let Err(error) = kept {
                let text =
                    format!("where the log stood before the first statement is not kept: {error}");
                self.recorder.event(&Event::Warning {
                    step: Step::Apply,
                    text: &text,
                });
            }
        }
        self.recorder.event(event);
    }

    fn stop(&mut self) -> bool {
        self.recorder.stop()
    }
}
