//! How a check comes to its evidence.

use std::time::Instant;

use diesel::result::Error as DieselError;

use super::evidence::{Check, CheckKind, CheckState};

/// What a check found.
#[derive(Debug)]
pub(super) struct Finding {
    pub(super) state: CheckState,
    pub(super) found: Option<u64>,
    pub(super) message: Option<String>,
    pub(super) keys: Vec<String>,
}

impl Finding {
    fn of(state: CheckState, message: Option<String>) -> Self {
        Finding {
            state,
            found: None,
            message,
            keys: Vec::new(),
        }
    }

    pub(super) fn passed() -> Self {
        Finding::of(CheckState::Passed, None)
    }

    /// Passed, with something to say about it.
    pub(super) fn passed_but(message: impl Into<String>) -> Self {
        Finding::of(CheckState::Passed, Some(message.into()))
    }

    pub(super) fn failed(message: impl Into<String>) -> Self {
        Finding::of(CheckState::Failed, Some(message.into()))
    }

    pub(super) fn warning(message: impl Into<String>) -> Self {
        Finding::of(CheckState::Warning, Some(message.into()))
    }

    pub(super) fn not_checked(message: impl Into<String>) -> Self {
        Finding::of(CheckState::NotChecked, Some(message.into()))
    }

    /// None is as it should be; more are not.
    pub(super) fn counted(count: u64, keys: Vec<String>, message: impl Into<String>) -> Self {
        let mut finding = match count {
            0 => Finding::passed(),
            _ => Finding::failed(message),
        };
        finding.found = Some(count);
        finding.keys = keys;
        finding
    }
}

/// Carries a check out. What the database refuses was not checked.
pub(super) fn check(
    kind: CheckKind,
    subject: impl Into<String>,
    look: impl FnOnce() -> Result<Finding, DieselError>,
) -> Check {
    let begun = Instant::now();
    let finding = look().unwrap_or_else(|error| Finding::not_checked(error.to_string()));
    Check {
        kind,
        subject: subject.into(),
        state: finding.state,
        found: finding.found,
        message: finding.message,
        keys: finding.keys,
        seconds: begun.elapsed().as_secs_f64(),
    }
}
