//! Commands that run along, and fail or hang.

use std::time::Duration;

use migrate_core::config::{Hook, HookFailure};
use migrate_ops::execute::ExecutionOutcome;
use migrate_tests::server;

use crate::case::Case;

fn hook(command: &str) -> Option<Hook> {
    Some(Hook {
        command: command.to_owned(),
        timeout: Duration::from_secs(20),
        on_failure: HookFailure::Stop,
    })
}

fn case(server: &server::Server) -> Case {
    Case::new(server, "hooks")
        .with("1_a.up.sql", "CREATE TABLE a (id int);")
        .with("2_b.up.sql", "CREATE TABLE b (id int);")
}

#[test]
fn they_are_told_what_happens() {
    for server in server::all() {
        let case = case(&server);
        let said = tempfile::NamedTempFile::new().unwrap();
        let say = format!(
            "echo \"$MIGRATE_HOOK $MIGRATE_VERSION $MIGRATE_OUTCOME\" >> '{}'",
            said.path().display()
        );
        let applied = case.apply_with(|options| {
            options.hooks.before_run = hook(&say);
            options.hooks.after_run = hook(&say);
            options.hooks.before_migration = hook(&say);
            options.hooks.after_migration = hook(&say);
        });
        assert_eq!(
            applied.execution.outcome,
            ExecutionOutcome::Done,
            "{applied:#?}"
        );
        let lines: Vec<String> = std::fs::read_to_string(said.path())
            .unwrap()
            .lines()
            .map(|line| line.trim().to_owned())
            .collect();
        let expected = [
            "before_run",
            "before_migration 1",
            "after_migration 1",
            "before_migration 2",
            "after_migration 2",
            "after_run  done",
        ];
        assert_eq!(lines, expected);
        assert_eq!(applied.execution.hooks.len(), 6);
    }
}

#[test]
fn one_that_fails_stops_the_run() {
    for server in server::all() {
        let case = case(&server);
        let applied = case.apply_with(|options| {
            options.hooks.before_migration = hook("test $MIGRATE_VERSION = 1");
        });
        let execution = &applied.execution;
        assert_eq!(
            execution.outcome,
            ExecutionOutcome::HookFailed,
            "{execution:#?}"
        );
        assert_eq!(execution.committed, ["1"]);
        let error = execution.error.as_deref().unwrap();
        assert!(error.contains("before_migration ended with 1"), "{error}");
        assert!(case.database.try_sql("SELECT 1 FROM b").is_err());

        let applied = case.apply_with(|options| {
            options.hooks.before_migration = hook("exit 7").map(|hook| Hook {
                on_failure: HookFailure::Continue,
                ..hook
            });
        });
        assert_eq!(applied.execution.outcome, ExecutionOutcome::Done);
        assert_eq!(applied.execution.hooks[0].exit_code, Some(7));
    }
}

#[test]
fn one_that_hangs_is_ended_and_the_last_one_runs_all_the_same() {
    for server in server::all() {
        let case = case(&server);
        let said = tempfile::NamedTempFile::new().unwrap();
        let applied = case.apply_with(|options| {
            options.hooks.before_run = hook("sleep 60").map(|hook| Hook {
                timeout: Duration::from_millis(300),
                ..hook
            });
            options.hooks.after_run = hook(&format!(
                "echo $MIGRATE_OUTCOME $MIGRATE_APPLIED > '{}'",
                said.path().display()
            ));
        });
        let execution = &applied.execution;
        assert_eq!(
            execution.outcome,
            ExecutionOutcome::HookFailed,
            "{execution:#?}"
        );
        assert!(execution.hooks[0].timed_out && execution.scripts.is_empty());
        let text = std::fs::read_to_string(said.path()).unwrap();
        assert_eq!(text, "hook_failed 0\n");
    }
}
