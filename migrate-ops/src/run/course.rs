//! One step after the other, each told and written down.

use serde::Serialize;

use super::failure::Failure;
use crate::event::{Event, Listener, Step};
use crate::run_state::{Recorder, RunState};

/// The state that steps are written into, and who is told.
pub(super) struct Course<'r> {
    pub(super) state: RunState,
    pub(super) listener: &'r mut (dyn Listener + Send),
}

impl Course<'_> {
    /// Takes a step whose outcome is its evidence.
    pub(super) fn step<T: Serialize>(
        &mut self,
        step: Step,
        summary: impl FnOnce(&T) -> String,
        work: impl FnOnce(&mut dyn Listener) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        self.step_with(step, |value| value, summary, work)
    }

    /// Takes a step of whose outcome a part is the evidence.
    pub(super) fn step_with<T, E: Serialize>(
        &mut self,
        step: Step,
        evidence: impl FnOnce(&T) -> &E,
        summary: impl FnOnce(&T) -> String,
        work: impl FnOnce(&mut dyn Listener) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let mut recorder = Recorder::new(&mut self.state, self.listener);
        recorder.event(&Event::Started(step));
        let worked = match recorder.stop() {
            true => Err(Failure::Stopped(step)),
            false => work(&mut recorder),
        };
        recorder.finish()?;
        match worked {
            Ok(value) => {
                self.state
                    .evidence(step, &step.to_string(), evidence(&value))?;
                let summary = summary(&value);
                self.state.step_finished(step, &summary)?;
                self.listener.event(&Event::Finished {
                    step,
                    summary: &summary,
                });
                Ok(value)
            }
            Err(failure) => {
                self.state.step_failed(step, &failure.with_causes())?;
                Err(failure)
            }
        }
    }
}
