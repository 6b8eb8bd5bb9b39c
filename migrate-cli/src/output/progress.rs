//! What a run tells while it goes on.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use migrate_core::{Direction, Version, visible};
use migrate_runtime::{Event, Observer};

use super::human::{counted, duration, first_line};
use super::printer::{Kind, Printer};
use crate::interrupt::Interrupt;

/// Listens to a run: a bar on a terminal, lines elsewhere.
#[derive(Debug)]
pub(crate) struct Progress {
    printer: Printer,
    interrupt: Interrupt,
    /// Nothing really happens, so nothing is told.
    dry_run: bool,
    /// When waiting for the lock was last mentioned.
    waiting: Option<Instant>,
}

/// How often waiting is mentioned where there is no bar.
const REMINDER: Duration = Duration::from_secs(10);

impl Progress {
    pub(crate) fn new(printer: &Printer, interrupt: &Interrupt, dry_run: bool) -> Self {
        Progress {
            dry_run,
            printer: printer.clone(),
            interrupt: interrupt.clone(),
            waiting: None,
        }
    }

    fn start_bar(&self, steps: usize) {
        if steps == 0 || !self.printer.is_lively() {
            return;
        }
        let template = "{spinner} {pos}/{len} {wide_msg} {elapsed}";
        let style = ProgressStyle::with_template(template)
            .unwrap_or_else(|_| ProgressStyle::default_spinner());
        let bar = ProgressBar::new(steps as u64).with_style(style);
        bar.enable_steady_tick(Duration::from_millis(120));
        self.printer.set_bar(Some(bar));
    }

    fn lock_waiting(&mut self, holder: Option<&str>, waited: Duration) {
        if self.waiting.is_some_and(|last| last.elapsed() < REMINDER) {
            return;
        }
        self.waiting = Some(Instant::now());
        let holder = holder
            .map(|holder| format!(" ({holder})"))
            .unwrap_or_default();
        let waited = match waited.as_secs() {
            0 => String::new(),
            _ => format!("; waited {} so far", duration(waited)),
        };
        let text = format!("waiting for another run that holds the migration lock{holder}{waited}");
        self.printer.say(Kind::Done, &text);
    }
}

impl Observer for Progress {
    fn event(&mut self, event: &Event<'_>) {
        if self.dry_run {
            return;
        }
        match event {
            Event::LockWaiting { holder, waited } => self.lock_waiting(*holder, *waited),
            Event::Planned {
                steps,
                ahead,
                out_of_order,
            } => {
                warn_about(&self.printer, ahead, out_of_order);
                self.start_bar(*steps);
            }
            Event::MigrationStarted {
                version,
                name,
                direction,
                transaction,
                ..
            } => {
                let doing = match direction {
                    Direction::Up => "applying",
                    Direction::Down => "reverting",
                };
                let text = format!("{doing} {version}_{}", visible(name));
                self.printer.with_bar(|bar| bar.set_message(text.clone()));
                let how = if *transaction {
                    ""
                } else {
                    ", not in a transaction"
                };
                self.printer.say(Kind::Detail, &format!("{text}{how}"));
            }
            Event::StatementStarted {
                index,
                of,
                sql,
                line,
            } => {
                let text = format!("  {}/{of} line {line}: {}", index + 1, first_line(sql));
                self.printer.say(Kind::Detail, &text);
            }
            // Only what somebody waited for is worth a line.
            Event::StatementFinished { duration: time, .. } if time.as_secs() > 0 => {
                let text = format!("      took {}", duration(*time));
                self.printer.say(Kind::Detail, &text);
            }
            Event::StatementSkipped { index, of } => {
                let text = format!("  {}/{of} has happened already", index + 1);
                self.printer.say(Kind::Detail, &text);
            }
            Event::CodeStarted => self.printer.say(Kind::Detail, "  running its Rust code"),
            Event::LockTimeout { attempt, of, pause } => {
                let text = format!(
                    "a lock on a table was not free in time; attempt {attempt} of {of}, again in {}",
                    duration(*pause)
                );
                self.printer.say(Kind::Warning, &text);
            }
            Event::MigrationFinished(done) => {
                self.printer.with_bar(|bar| bar.inc(1));
                let did = match done.direction {
                    Direction::Up => "applied",
                    Direction::Down => "reverted",
                };
                let text = format!(
                    "{did} {}_{} ({}, {})",
                    done.version,
                    visible(&done.name),
                    counted(done.statements, "statement"),
                    duration(done.duration)
                );
                self.printer.say(Kind::Done, &text);
            }
            Event::DirectoryChanged { path, difference } => {
                let text = format!(
                    "the files in {} are not those that were compiled in ({}); build again",
                    visible(path),
                    visible(&difference.join(", "))
                );
                self.printer.say(Kind::Warning, &text);
            }
            _ => {}
        }
    }

    fn stop(&mut self) -> bool {
        self.interrupt.stop_requested()
    }
}

fn warn_about(printer: &Printer, ahead: &[Version], out_of_order: &[Version]) {
    let names = |versions: &[Version]| {
        versions
            .iter()
            .map(Version::as_str)
            .collect::<Vec<_>>()
            .join(", ")
    };
    if !ahead.is_empty() {
        let text = format!(
            "the database is ahead: it has {}, which {} newer than all migrations here",
            names(ahead),
            if ahead.len() == 1 { "is" } else { "are" }
        );
        printer.say(Kind::Warning, &text);
    }
    if !out_of_order.is_empty() {
        printer.say(
            Kind::Warning,
            &format!("out of order, as allowed: {}", names(out_of_order)),
        );
    }
}
