//! The application's own smoke test.

use migrate_core::config::ShellCommand;
use migrate_core::redact;

use super::check::{Finding, check};
use super::evidence::{Check, CheckKind};
use crate::connect::DatabaseUrl;
use crate::shell;

/// Runs the command, which says by its exit code whether the application works. It is told of the
/// database without its password, as hooks are.
pub(super) fn run(command: &ShellCommand, url: &DatabaseUrl, stop: impl FnMut() -> bool) -> Check {
    check(CheckKind::Command, redact::urls(&command.command), || {
        let environment = vec![
            ("MIGRATE_HOOK", "validate".to_owned()),
            ("MIGRATE_DATABASE", url.shown()),
            (
                "MIGRATE_HOOK_TIMEOUT",
                command.timeout.as_secs().to_string(),
            ),
        ];
        let ran = shell::run(&command.command, command.timeout, &environment, url, stop);
        let said = match ran.last_lines() {
            lines if lines.is_empty() => String::new(),
            lines => format!(": {lines}"),
        };
        Ok(match ran.failure(command.timeout) {
            None => Finding::passed_but(format!("ended with 0{said}")),
            Some(failure) => Finding::failed(format!("{failure}{said}")),
        })
    })
}
