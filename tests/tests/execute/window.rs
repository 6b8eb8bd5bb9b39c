//! A window that ends while a run goes on.

use std::time::{Duration, Instant};

use migrate_ops::event::Event;
use migrate_ops::execute::{ExecutionOutcome, ScriptState};
use migrate_tests::server::{self, Engine};

use crate::case::Case;

/// A listener that lets time pass when a statement of a script is done.
fn slow(version: &'static str, statement: usize, pause: Duration) -> impl FnMut(&Event<'_>) + Send {
    let mut current = String::new();
    move |event| {
        let Event::Migration { event, .. } = event else {
            return;
        };
        match event {
            migrate_runtime::Event::MigrationStarted { version, .. } => {
                current = version.to_string();
            }
            migrate_runtime::Event::StatementFinished { index, .. }
                if current == version && index + 1 == statement =>
            {
                std::thread::sleep(pause);
            }
            _ => {}
        }
    }
}

fn case(server: &server::Server) -> Case {
    Case::new(server, "window")
        .with("1_a.up.sql", "CREATE TABLE a (id int);")
        .with(
            "2_b.up.sql",
            "INSERT INTO a VALUES (1);\nINSERT INTO a VALUES (2);\nINSERT INTO a VALUES (3);",
        )
        .with("3_c.up.sql", "CREATE TABLE c (id int);")
}

const WINDOW: Duration = Duration::from_secs(2);
const LONGER: Duration = Duration::from_millis(2300);

#[test]
fn it_stops_before_the_next_statement() {
    for server in server::all() {
        let case = case(&server);
        let applied = case.apply_told(&mut slow("2", 1, LONGER), |options| {
            options.window_ends = Some(Instant::now() + WINDOW);
        });
        let execution = &applied.execution;
        assert_eq!(
            execution.outcome,
            ExecutionOutcome::WindowEnded,
            "{execution:#?}"
        );
        assert_eq!(execution.committed, ["1"]);
        let begun = &execution.scripts[1];
        assert_eq!(
            (begun.statements.len(), begun.state),
            (1, ScriptState::Nothing)
        );
        assert_eq!(case.database.sql("SELECT count(*) FROM a"), "0");
        assert_eq!(execution.next.as_deref(), Some("migrate run"));
        let rest = case.apply();
        assert_eq!(rest.execution.committed, ["2", "3"]);
        assert_eq!(case.database.sql("SELECT count(*) FROM a"), "3");
    }
}

#[test]
fn what_is_complete_is_committed() {
    for server in server::all() {
        let case = case(&server);
        let applied = case.apply_told(&mut slow("2", 3, LONGER), |options| {
            options.window_ends = Some(Instant::now() + WINDOW);
        });
        assert_eq!(applied.execution.outcome, ExecutionOutcome::WindowEnded);
        assert_eq!(applied.execution.committed, ["1", "2"], "{applied:#?}");
        assert_eq!(case.database.sql("SELECT count(*) FROM a"), "3");
    }
}

#[test]
fn a_script_that_is_no_transaction_is_gone_on_with() {
    for server in server::all() {
        let case = case(&server).with(
            "2_b.up.sql",
            "-- migrate:no-transaction\nINSERT INTO a VALUES (1);\nINSERT INTO a VALUES (2);",
        );
        let applied = case.apply_told(&mut slow("2", 1, LONGER), |options| {
            options.window_ends = Some(Instant::now() + WINDOW);
        });
        let script = &applied.execution.scripts[1];
        assert_eq!(script.state, ScriptState::Half, "{applied:#?}");
        assert_eq!(case.database.sql("SELECT count(*) FROM a"), "1");
        let rest = case.apply();
        assert_eq!(rest.execution.outcome, ExecutionOutcome::Done, "{rest:#?}");
        assert!(rest.execution.scripts[0].statements[0].skipped);
        assert_eq!(case.database.sql("SELECT count(*) FROM a"), "2");
    }
}

#[test]
fn one_that_is_over_before_it_begins() {
    for server in server::all() {
        let case = case(&server);
        let applied = case.apply_with(|options| options.window_ends = Some(Instant::now()));
        assert_eq!(applied.execution.outcome, ExecutionOutcome::WindowEnded);
        assert!(applied.execution.scripts.is_empty());
        if server.engine() != Engine::Sqlite {
            assert!(case.database.try_sql("SELECT 1 FROM a").is_err());
        }
    }
}
