//! Findings for programs that show them beside the code.

mod github;
mod sarif;

use std::path::Path;

use migrate_core::{Allowed, Diagnostic, visible_lines};

use super::place::Root;
use crate::error::CommandError;

/// What is to be shown.
#[derive(Debug)]
pub(crate) struct Annotations<'a> {
    root: Root,
    findings: &'a [Diagnostic],
    allowed: &'a [Allowed],
    /// Why nothing could be checked, where that is so.
    failure: Option<String>,
}

impl<'a> Annotations<'a> {
    /// Findings whose paths count from `root`, and those that directives accept.
    pub(crate) fn new(root: &Path, findings: &'a [Diagnostic], allowed: &'a [Allowed]) -> Self {
        Annotations {
            root: Root::new(root),
            findings,
            allowed,
            failure: None,
        }
    }

    /// Why the command stopped.
    pub(crate) fn of_error(error: &'a CommandError) -> Self {
        let mut text = error.to_string();
        for cause in error.causes() {
            text.push_str("\ncaused by: ");
            text.push_str(&cause);
        }
        Annotations {
            failure: Some(visible_lines(&text).into_owned()),
            // What is wrong with the configuration lies where it was looked for.
            ..Annotations::new(Path::new("."), error.diagnostics(), &[])
        }
    }
}

/// The message with all that explains it, on lines of their own.
fn text(finding: &Diagnostic) -> String {
    let mut text = visible_lines(&finding.message).into_owned();
    // What stands beside the caret says what the message does not.
    if let Some(label) = finding.labels.first()
        && !label.text.is_empty()
    {
        text.push_str(&format!(" ({})", visible_lines(&label.text)));
    }
    let notes = finding.notes.iter().map(|note| ("note", note));
    let help = finding.help.iter().map(|help| ("help", help));
    for (kind, said) in notes.chain(help) {
        text.push_str(&format!("\n{kind}: {}", visible_lines(said)));
    }
    text
}
