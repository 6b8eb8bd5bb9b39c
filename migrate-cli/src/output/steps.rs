//! A run step by step: a line a step, and what happens in between.

use migrate_ops::event::{Event, Listener, Step};

use super::printer::{Kind, Printer};
use super::progress::Progress;
use crate::interrupt::Interrupt;

/// Listens to a run of several steps.
#[derive(Debug)]
pub(crate) struct Steps {
    printer: Printer,
    interrupt: Interrupt,
    applying: Progress,
}

impl Steps {
    pub(crate) fn new(printer: &Printer, interrupt: &Interrupt) -> Self {
        Steps {
            printer: printer.clone(),
            interrupt: interrupt.clone(),
            applying: Progress::new(printer, interrupt, false),
        }
    }
}

impl Listener for Steps {
    fn event(&mut self, event: &Event<'_>) {
        match event {
            Event::Started(step) => {
                let text = format!("{step} begins");
                self.printer.say(Kind::Detail, &text);
            }
            Event::Progress {
                step,
                text,
                fraction,
            } => {
                let share = fraction.map(|fraction| format!(" {:.0} %", fraction * 100.0));
                let text = format!(" {step:<10} {text}{}", share.unwrap_or_default());
                self.printer.with_bar(|bar| bar.set_message(text.clone()));
                self.printer.say(Kind::Detail, &text);
            }
            Event::Warning { step, text } => {
                self.printer.say(Kind::Warning, &format!("{step}: {text}"));
            }
            Event::Migration {
                step: Step::Apply,
                event,
            } => migrate_runtime::Observer::event(&mut self.applying, event),
            Event::Finished { step, summary } => {
                self.printer.set_bar(None);
                let text = format!(" {step:<10} {summary}");
                self.printer.say(Kind::Done, &text);
            }
            _ => {}
        }
    }

    fn stop(&mut self) -> bool {
        self.interrupt.stop_requested()
    }
}
