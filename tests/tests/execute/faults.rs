//! Servers that go away, connections that are cut, locks that are never granted, full disks.

use std::time::{Duration, Instant};

use migrate_ops::event::Event;
use migrate_ops::execute::{ExecuteError, ExecutionOutcome, ScriptState};
use migrate_tests::server::{self, Engine, PrivateServer, Proxy};

use crate::case::Case;

/// Does something once, when the given statement of the given version has begun.
fn at_statement<'a>(
    version: &'static str,
    statement: usize,
    mut action: impl FnMut() + Send + 'a,
) -> impl FnMut(&Event<'_>) + Send + 'a {
    let mut current = String::new();
    let mut done = false;
    move |event| {
        let Event::Migration { event, .. } = event else {
            return;
        };
        match event {
            migrate_runtime::Event::MigrationStarted { version, .. } => {
                current = version.to_string();
            }
            migrate_runtime::Event::StatementStarted { index, .. }
                if current == version && index + 1 == statement && !done =>
            {
                done = true;
                action();
            }
            _ => {}
        }
    }
}

fn two_steps(server: &server::Server) -> Case {
    Case::new(server, "faults")
        .with("1_a.up.sql", "CREATE TABLE a (id int);")
        .with(
            "2_b.up.sql",
            "INSERT INTO a VALUES (1);\nINSERT INTO a VALUES (2);",
        )
}

#[test]
fn a_connection_that_is_cut() {
    for server in server::remote() {
        for (version, statement) in [("1", 1), ("2", 1), ("2", 2)] {
            let mut case = two_steps(&server);
            let proxy = Proxy::start(&case.database);
            case.url = proxy.through(&case.database).url().to_owned();
            let mut cut = at_statement(version, statement, || proxy.cut());
            let applied = case.apply_told(&mut cut, |_| {});
            let execution = &applied.execution;
            assert_eq!(
                execution.outcome,
                ExecutionOutcome::Failed,
                "{execution:#?}"
            );
            // The database was asked what is there: nothing is guessed.
            let states: Vec<_> = execution
                .scripts
                .iter()
                .map(|script| script.state)
                .collect();
            assert!(!states.contains(&ScriptState::Unknown), "{execution:#?}");
            let committed = if version == "1" { 0 } else { 1 };
            assert_eq!(execution.committed.len(), committed, "{execution:#?}");
            let rest = case.apply();
            assert_eq!(rest.execution.outcome, ExecutionOutcome::Done, "{rest:#?}");
            assert_eq!(case.database.sql("SELECT id FROM a ORDER BY id"), "1\n2");
        }
    }
}

#[test]
fn a_server_that_is_restarted_in_the_middle() {
    for engine in [Engine::Postgres, Engine::Mariadb] {
        let Some(mut private) = PrivateServer::start(engine) else {
            continue;
        };
        let case = two_steps(&private.server());
        let (sender, receiver) = std::sync::mpsc::channel();
        let applied = std::thread::scope(|scope| {
            let restarted = scope.spawn(move || {
                receiver.recv().unwrap();
                private.kill9();
                private.start_again();
                private
            });
            let mut kill = at_statement("2", 2, || {
                sender.send(()).unwrap();
                std::thread::sleep(Duration::from_millis(500));
            });
            let applied = case.apply_told(&mut kill, |_| {});
            drop(kill);
            (applied, restarted.join().unwrap())
        });
        let (applied, _private) = applied;
        let execution = &applied.execution;
        assert_eq!(
            execution.outcome,
            ExecutionOutcome::Failed,
            "{execution:#?}"
        );
        assert_eq!(execution.committed, ["1"], "{execution:#?}");
        assert_eq!(
            execution.scripts[1].state,
            ScriptState::Nothing,
            "{execution:#?}"
        );
        let rest = case.apply();
        assert_eq!(rest.execution.committed, ["2"], "{rest:#?}");
        assert_eq!(case.database.sql("SELECT id FROM a ORDER BY id"), "1\n2");
    }
}

#[test]
fn a_server_that_is_not_there() {
    for server in server::remote() {
        let mut case = two_steps(&server);
        let proxy = Proxy::start(&case.database);
        proxy.refuse(true);
        case.url = proxy.through(&case.database).url().to_owned();
        let begun = Instant::now();
        let applied = case.apply();
        assert_eq!(
            applied.execution.outcome,
            ExecutionOutcome::Refused,
            "{applied:#?}"
        );
        assert!(matches!(applied.error, Some(ExecuteError::Connect(_))));
        assert!(begun.elapsed() < Duration::from_secs(20));
    }
}

#[test]
fn a_state_that_cannot_be_written_stops_the_run() {
    for server in server::all() {
        let case = two_steps(&server);
        let state = case.state();
        // The journal is open already; its evidence has no folder any more.
        let mut remove = at_statement("2", 1, || {
            std::fs::remove_dir_all(state.join("runs")).unwrap();
        });
        let applied = case.apply_told(&mut remove, |_| {});
        assert!(
            matches!(applied.error, Some(ExecuteError::State(_))),
            "{applied:#?}"
        );
    }
}
