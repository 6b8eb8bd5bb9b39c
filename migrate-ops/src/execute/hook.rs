//! Commands of the operator's that run along.

use migrate_core::config::{Hook, HookFailure};
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

/// What every hook is told.
pub(super) fn environment(when: &str, run_id: &str, url: &DatabaseUrl) -> Environment {
    vec![
        ("MIGRATE_HOOK", when.to_owned()),
        ("MIGRATE_RUN_ID", run_id.to_owned()),
        ("MIGRATE_DATABASE", url.shown()),
    ]
}

/// What the hook after a run is told besides: how the run ended, and how many migrations it has left
/// applied.
pub(super) fn ending(outcome: String, applied: usize) -> Environment {
    vec![
        ("MIGRATE_OUTCOME", outcome),
        ("MIGRATE_APPLIED", applied.to_string()),
    ]
}

/// What went wrong with a hook, if anything did.
pub(super) fn complaint(hook: &Hook, run: &HookRun) -> Option<String> {
    if run.succeeded {
        return None;
    }
    let why = match (run.timed_out, run.exit_code) {
        (true, _) => format!("took longer than {} s", hook.timeout.as_secs_f64()),
        (false, Some(code)) => format!("ended with {code}"),
        (false, None) => "was ended or did not start".to_owned(),
    };
    Some(format!("the hook {} {why}", run.hook))
}

/// The hook after a run.
pub(crate) const AFTER_RUN: &str = "after_run";

/// Runs the hook after a run of which applying was only a part, with what that came to in the end. It is
/// never stopped: what the end of a run is told must be told. Also what went wrong, unless the operator
/// has said that nothing depends on it.
pub(crate) fn after_run(
    hook: &Hook,
    run_id: &str,
    url: &DatabaseUrl,
    outcome: String,
    applied: usize,
) -> (HookRun, Option<String>) {
    let mut environment = environment(AFTER_RUN, run_id, url);
    environment.extend(ending(outcome, applied));
    let ran = run(hook, AFTER_RUN, None, &environment, url, || false);
    let complaint = complaint(hook, &ran).filter(|_| hook.on_failure != HookFailure::Continue);
    (ran, complaint)
}

#[cfg(all(test, unix))]
mod tests {
    use std::time::Duration;

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
