//! The one place that writes.

use std::io::{self, IsTerminal, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anstyle::{AnsiColor, Style};
use indicatif::ProgressBar;
use migrate_core::{Color as DiagnosticColor, Diagnostic, render_all, visible_lines};

use crate::cli::{Color, Format, Global};
use crate::error::CommandError;

/// How a line of talk begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Nothing went wrong.
    Done,
    /// Only with `--verbose`.
    Detail,
    /// Something remarkable.
    Warning,
    /// Why the command stopped.
    Error,
    /// Below an error: what caused it.
    Cause,
    /// Below an error: what to do.
    Next,
}

impl Kind {
    fn label(self) -> (&'static str, Style) {
        let bold = |color: AnsiColor| Style::new().bold().fg_color(Some(color.into()));
        match self {
            Kind::Done | Kind::Detail => ("", Style::new()),
            Kind::Warning => ("warning: ", bold(AnsiColor::Yellow)),
            Kind::Error => ("error: ", bold(AnsiColor::Red)),
            Kind::Cause => ("  caused by: ", Style::new().bold()),
            Kind::Next => ("next: ", bold(AnsiColor::Cyan)),
        }
    }
}

/// Writes for one run of the command; clones share the progress bar.
#[derive(Clone, Debug)]
pub(crate) struct Printer {
    format: Format,
    quiet: bool,
    verbose: bool,
    color_out: bool,
    color_err: bool,
    bar: Arc<Mutex<Option<ProgressBar>>>,
}

impl Printer {
    pub(crate) fn new(global: &Global) -> Self {
        let color = |terminal: bool| match global.color {
            Color::Always => true,
            Color::Never => false,
            // <https://no-color.org>: set and not empty.
            Color::Auto => {
                terminal
                    && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
                    && std::env::var_os("TERM").is_none_or(|value| value != "dumb")
            }
        };
        Printer {
            format: global.format,
            quiet: global.quiet,
            verbose: global.verbose,
            color_out: color(io::stdout().is_terminal()),
            color_err: color(io::stderr().is_terminal()),
            bar: Arc::default(),
        }
    }

    pub(crate) fn format(&self) -> Format {
        self.format
    }

    /// Whether a progress bar makes sense.
    pub(crate) fn is_lively(&self) -> bool {
        !self.quiet && self.format == Format::Human && io::stderr().is_terminal()
    }

    /// Writes data. A reader that has gone away, as `head` does, is no error.
    pub(crate) fn data(&self, text: &str) -> Result<(), CommandError> {
        let mut out = io::stdout().lock();
        let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
        match written {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                Err(CommandError::Output(error))
            }
            _ => Ok(()),
        }
    }

    /// Writes findings as data.
    pub(crate) fn findings(&self, diagnostics: &[Diagnostic]) -> Result<(), CommandError> {
        self.data(&render_all(diagnostics, diagnostic_color(self.color_out)))
    }

    /// Writes findings as talk.
    pub(crate) fn say_findings(&self, diagnostics: &[Diagnostic]) {
        self.write_talk(&render_all(diagnostics, diagnostic_color(self.color_err)));
    }

    /// Says something, a line or more; control characters are shown, not sent.
    pub(crate) fn say(&self, kind: Kind, text: &str) {
        let silent = match kind {
            Kind::Detail => !self.verbose,
            Kind::Done | Kind::Warning => self.quiet,
            Kind::Error | Kind::Cause | Kind::Next => false,
        };
        if silent {
            return;
        }
        let (label, style) = kind.label();
        let label = match (label.is_empty(), self.color_err) {
            (false, true) => format!("{style}{label}{style:#}"),
            _ => label.to_owned(),
        };
        self.write_talk(&format!("{label}{}\n", visible_lines(text)));
    }

    /// Shows a bar below what is said, or takes it away.
    pub(crate) fn set_bar(&self, bar: Option<ProgressBar>) {
        if let Some(before) = std::mem::replace(&mut *self.bar(), bar) {
            before.finish_and_clear();
        }
    }

    /// Does something with the bar, where there is one.
    pub(crate) fn with_bar(&self, change: impl FnOnce(&ProgressBar)) {
        if let Some(bar) = &*self.bar() {
            change(bar);
        }
    }

    /// Asks a question that is answered with yes or no.
    pub(crate) fn ask(&self, question: &str) -> io::Result<bool> {
        self.write_talk(&format!("{} [y/N] ", visible_lines(question)));
        let mut answer = String::new();
        io::stdin().read_line(&mut answer)?;
        Ok(matches!(
            answer.trim().to_ascii_lowercase().as_str(),
            "y" | "yes"
        ))
    }

    fn bar(&self) -> MutexGuard<'_, Option<ProgressBar>> {
        self.bar.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write_talk(&self, text: &str) {
        // Where stderr is closed there is nobody to tell.
        let write = || drop(io::stderr().lock().write_all(text.as_bytes()));
        match &*self.bar() {
            Some(bar) => bar.suspend(write),
            None => write(),
        }
    }
}

fn diagnostic_color(color: bool) -> DiagnosticColor {
    if color {
        DiagnosticColor::Always
    } else {
        DiagnosticColor::Never
    }
}
