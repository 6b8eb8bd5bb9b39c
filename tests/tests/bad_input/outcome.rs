//! What a run answers, as text.

use std::error::Error as _;
use std::fmt::Write as _;

use migrate_runtime::{Error, Report, Status};

/// What an `up` or `down` did, or why it stopped, with the causes and the next command.
pub(crate) fn told(result: &Result<Report, Error>) -> String {
    match result {
        Ok(report) if report.steps.is_empty() => "nothing to do\n".to_owned(),
        Ok(report) => {
            let steps = report.steps.iter();
            let steps: Vec<_> = steps
                .map(|done| format!("{} {}", done.version, done.direction))
                .collect();
            let mut text = format!("ran {}", steps.join(", "));
            if !report.ahead.is_empty() {
                let ahead: Vec<_> = report.ahead.iter().map(|v| v.as_str()).collect();
                write!(text, "; ahead: {}", ahead.join(", ")).unwrap();
            }
            text + "\n"
        }
        Err(error) => told_error(error),
    }
}

/// What `status` says of each version, or why it cannot.
pub(crate) fn told_status(result: &Result<Status, Error>) -> String {
    match result {
        Ok(status) => {
            let rows = status.rows.iter();
            let rows: Vec<_> = rows
                .map(|row| format!("{} {:?}", row.version, row.standing).to_lowercase())
                .collect();
            let foreign = status.foreign.iter();
            let foreign: String = foreign.map(|f| format!("; {}", f.tool)).collect();
            format!("{}{foreign}\n", rows.join(", "))
        }
        Err(error) => told_error(error),
    }
}

fn told_error(error: &Error) -> String {
    let mut text = format!("error: {error}\n");
    let mut source = error.source();
    while let Some(cause) = source {
        writeln!(text, "  because: {cause}").unwrap();
        source = cause.source();
    }
    if let Some(next) = error.next() {
        writeln!(text, "  next: {next}").unwrap();
    }
    text
}
