//! What every command is handed.

use serde::Serialize;

use crate::cli::{Format, Global};
use crate::error::CommandError;
use crate::exit::Exit;
use crate::interrupt::Interrupt;
use crate::output::{Printer, object};

/// Global options, where to write, whether to stop.
#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) global: Global,
    pub(crate) printer: Printer,
    pub(crate) interrupt: Interrupt,
    /// The command as JSON names it.
    pub(crate) command: &'static str,
}

impl Context {
    /// Writes the answer of a command: `human` for people, `answer` as JSON.
    pub(crate) fn answer<T: Serialize>(
        &self,
        exit: Exit,
        answer: &T,
        human: impl FnOnce(&Printer) -> Result<(), CommandError>,
    ) -> Result<Exit, CommandError> {
        match self.printer.format() {
            Format::Json => self.printer.data(&object(self.command, exit, answer))?,
            _ => human(&self.printer)?,
        }
        Ok(exit)
    }
}
