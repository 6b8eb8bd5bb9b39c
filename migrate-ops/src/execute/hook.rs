//! Commands of the operator's that run along.

use migrate_core::config::Hook;
use migrate_core::redact;

use super::HookRun;
use crate::connect::DatabaseUrl;
pub(super) use crate::shell::Environment;
use crate::{shell, time};

/// Runs a hook and waits for it, but not for longer than it may take. `stop` is asked meanwhile; a
/// hook that is stopped counts as failed.
pub(super) fn run(
    hook: &Hook,
    when: &str,
    version: Option<String>,
    environment: &Environment,
    url: &DatabaseUrl,
    stop: impl FnMut() -> bool,
) -> HookRun {
    let started = time::now();
    let mut environment = environment.clone();
    let timeout = hook.timeout.as_secs().to_string();
    environment.push(("MIGRATE_HOOK_TIMEOUT", timeout));
    let ran = shell::run(&hook.command, hook.timeout, &environment, url, stop);
    tracing::info!(hook = when, succeeded = ran.succeeded, "a hook has run");
    HookRun {
        hook: when.to_owned(),
        version,
        command: redact::urls(&hook.command),
        started,
        duration_seconds: ran.duration.as_secs_f64(),
        exit_code: ran.exit_code,
        timed_out: ran.timed_out,
        succeeded: ran.succeeded,
        output: ran.output,
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::time::Duration;

    use migrate_core::config::HookFailure;

    use super::*;

    fn hook(command: &str, timeout: Duration) -> HookRun {
        let hook = Hook {
            command: command.to_owned(),
            timeout,
            on_failure: HookFailure::Stop,
        };
        let url = DatabaseUrl::parse("postgres://me:sesame@host/db").unwrap();
        let environment = vec![("MIGRATE_VERSION", "7".to_owned())];
        run(&hook, "before_run", None, &environment, &url, || false)
    }

    #[test]
    fn output_and_exit_code() {
        let run = hook(
            "echo v$MIGRATE_VERSION sesame postgres://a:b@c/d; echo oh >&2; exit 3",
            Duration::from_secs(20),
        );
        assert_eq!((run.exit_code, run.succeeded), (Some(3), false));
        assert!(run.output.contains("v7 *** postgres://a:*@c/d"), "{run:?}");
        assert!(run.output.contains("oh"), "{run:?}");
    }

    #[test]
    fn one_that_hangs_is_ended_with_all_that_it_started() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("alive");
        let command = format!("(sleep 2; touch '{}') & sleep 100", file.display());
        let run = hook(&command, Duration::from_millis(200));
        assert!(run.timed_out && !run.succeeded, "{run:?}");
        assert!(run.duration_seconds < 2.0, "{run:?}");
        std::thread::sleep(Duration::from_millis(2200));
        assert!(!file.exists());
    }

    #[test]
    fn one_that_leaves_a_process_behind_is_not_waited_for() {
        let run = hook("sleep 5 & echo done", Duration::from_secs(20));
        assert!(run.succeeded && run.duration_seconds < 3.0, "{run:?}");
        assert_eq!(run.output, "done\n");
    }

    #[test]
    fn the_end_of_much_output() {
        let run = hook("yes ab | head -c 100000; echo end", Duration::from_secs(20));
        assert!(run.output.ends_with("end\n") && run.output.len() <= 4096);
    }
}
