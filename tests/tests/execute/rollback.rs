//! What a failure takes back, and what it never does.

use migrate_core::Version;
use migrate_core::config::OnFailure;
use migrate_ops::execute::{ExecutionOutcome, Options, Rehearsed, RollbackOutcome, ScriptState};
use migrate_tests::server::{self, Engine};

use crate::case::Case;

fn back(options: &mut Options<'_>) {
    options.on_failure = OnFailure::Rollback;
    options.rollback.rehearsed = Rehearsed::Waived;
}

fn case(server: &server::Server) -> Case {
    Case::new(server, "rollback")
        .with("1_a.up.sql", "CREATE TABLE a (id int);")
        .with("1_a.down.sql", "DROP TABLE a;")
        .with("2_b.up.sql", "CREATE TABLE b (id int);")
        .with("2_b.down.sql", "DROP TABLE b;")
        .with("3_bad.up.sql", "INSERT INTO nowhere VALUES (1);")
        .with("3_bad.down.sql", "DELETE FROM nowhere;")
}

fn gone(case: &Case, table: &str) -> bool {
    case.database
        .try_sql(&format!("SELECT 1 FROM {table}"))
        .is_err()
}

#[test]
fn by_default_what_is_committed_stays() {
    for server in server::all() {
        let case = case(&server);
        let applied = case.apply();
        assert_eq!(applied.execution.outcome, ExecutionOutcome::Failed);
        assert_eq!(applied.execution.committed, ["1", "2"]);
        assert!(applied.execution.rollback.is_none() && !gone(&case, "b"));
    }
}

#[test]
fn everything_of_the_run_is_taken_back() {
    for server in server::all() {
        let case = case(&server);
        let applied = case.apply_with(back);
        let execution = &applied.execution;
        let rollback = execution.rollback.as_ref().unwrap();
        assert_eq!(rollback.outcome, RollbackOutcome::Done, "{execution:#?}");
        assert_eq!(execution.undone, ["2", "1"]);
        assert!(execution.committed.is_empty() && execution.lost.is_empty());
        assert_eq!(execution.outcome, ExecutionOutcome::Failed);
        assert!(gone(&case, "a") && gone(&case, "b"));
        let next = execution.next.as_deref().unwrap();
        assert!(
            next.contains("3_bad") && next.contains("`migrate run` again"),
            "{next}"
        );
        case.folder
            .write("3_bad.up.sql", "INSERT INTO b VALUES (1);");
        assert_eq!(case.apply().execution.committed, ["1", "2", "3"]);
    }
}

#[test]
fn what_was_there_before_the_run_stays() {
    for server in server::all() {
        let case = case(&server);
        case.apply_with(|options| {
            options.target = migrate_core::plan::UpTarget::Count(1);
        });
        let applied = case.apply_with(back);
        assert_eq!(applied.execution.undone, ["2"], "{applied:#?}");
        assert!(!gone(&case, "a") && gone(&case, "b"));
    }
}

#[test]
fn a_down_that_nobody_has_tried_is_not_run() {
    for server in server::all() {
        let case = case(&server);
        let applied = case.apply_with(|options| {
            back(options);
            let tried = [Version::parse("2").unwrap()].into_iter().collect();
            options.rollback.rehearsed = Rehearsed::Only(tried);
        });
        let rollback = applied.execution.rollback.unwrap();
        assert_eq!(rollback.outcome, RollbackOutcome::Refused);
        let reason = rollback.reason.unwrap();
        assert!(
            reason.contains("way down of migration 1 was not rehearsed"),
            "{reason}"
        );
        assert_eq!(applied.execution.committed, ["1", "2"]);
        assert!(!gone(&case, "a") && !gone(&case, "b"));
    }
}

#[test]
fn data_is_lost_only_where_that_is_accepted() {
    for server in server::all() {
        // The rows are there only once the run has begun.
        let case = case(&server).with(
            "2_b.up.sql",
            "CREATE TABLE b (id int);\nINSERT INTO b VALUES (1);",
        );
        let applied = case.apply_with(back);
        let rollback = applied.execution.rollback.as_ref().unwrap();
        assert_eq!(rollback.outcome, RollbackOutcome::Refused, "{applied:#?}");
        let reason = rollback.reason.as_deref().unwrap();
        assert!(reason.contains("b is dropped with its rows"), "{reason}");
        assert_eq!(case.database.sql("SELECT id FROM b"), "1");

        let again = case.beside();
        let rolled_back = again.rollback(&["1", "2"], |options| {
            back(options);
            options.rollback.accept_loss = true;
        });
        assert_eq!(rolled_back.undone, ["2", "1"], "{rolled_back:#?}");
        assert_eq!(rolled_back.lost.len(), 1);
        assert!(gone(&case, "b"));
    }
}

#[test]
fn never_over_a_script_that_is_half_done() {
    for server in server::all() {
        let begin = match server.engine() {
            Engine::Mariadb => "",
            _ => "-- migrate:no-transaction\n",
        };
        let sql = format!("{begin}CREATE TABLE c (id int);\nINSERT INTO nowhere VALUES (1);");
        let case = case(&server).with("3_bad.up.sql", &sql);
        let applied = case.apply_with(back);
        let execution = &applied.execution;
        let rollback = execution.rollback.as_ref().unwrap();
        assert_eq!(rollback.outcome, RollbackOutcome::Refused, "{execution:#?}");
        assert!(rollback.reason.as_deref().unwrap().contains("done in part"));
        assert_eq!(execution.scripts[2].state, ScriptState::Half);
        assert_eq!(execution.committed, ["1", "2"]);
        assert!(
            execution
                .next
                .as_deref()
                .unwrap()
                .contains("migrate resume")
        );
        assert!(!gone(&case, "c") && !gone(&case, "b"));
    }
}

#[test]
fn a_validation_that_failed_afterwards() {
    for server in server::all() {
        let case = case(&server).with("3_bad.up.sql", "INSERT INTO b VALUES (1);");
        case.folder.write("3_bad.down.sql", "DELETE FROM b;");
        assert_eq!(case.apply().execution.committed.len(), 3);
        // The newest alone cannot be left in place.
        let refused = case.beside().rollback(&["1", "2"], |options| {
            back(options);
            options.rollback.accept_loss = true;
        });
        let reason = refused.rollback.unwrap().reason.unwrap();
        assert!(reason.contains("3 is applied too"), "{reason}");
        let done = case.beside().rollback(&["1", "2", "3"], |options| {
            back(options);
            options.rollback.accept_loss = true;
        });
        assert_eq!(done.undone, ["3", "2", "1"], "{done:#?}");
        assert!(gone(&case, "a") && gone(&case, "b"));
    }
}
