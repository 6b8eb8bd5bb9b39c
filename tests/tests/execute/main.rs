//! Applying, watched and with faults: everything that a run promises, tested by breaking it.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test that cannot go on has failed"
)]

mod case;
mod faults;
mod hooks;
mod killed;
mod prepared;
mod replicas;
mod rights;
mod rollback;
mod watching;
mod window;
mod writers;

use migrate_ops::event::Step;
use migrate_ops::execute::{ExecutionOutcome, MonitorState, ScriptState};
use migrate_ops::run_state::{RunState, Standing, What};
use migrate_tests::server::{self, Engine};

use case::Case;

#[test]
fn everything_is_applied_and_told() {
    for server in server::all() {
        let case = Case::new(&server, "applied")
            .with(
                "1_people.up.sql",
                "CREATE TABLE people (id int, name varchar(20));",
            )
            .with("1_people.down.sql", "DROP TABLE people;")
            .with(
                "2_ann.up.sql",
                "INSERT INTO people VALUES (4711, 'Ann');\nINSERT INTO people VALUES (2, 'Bob');",
            );
        let applied = case.apply();
        let execution = &applied.execution;
        assert_eq!(execution.outcome, ExecutionOutcome::Done, "{applied:#?}");
        assert_eq!(execution.committed, ["1", "2"]);
        assert_eq!((&execution.next, &execution.error), (&None, &None));
        let ann = &execution.scripts[1].statements[0];
        assert_eq!(ann.sql, "INSERT INTO people VALUES (?, ?)");
        assert!(
            ann.duration_seconds.is_some() && ann.attempts == 1,
            "{ann:?}"
        );
        assert!(
            execution
                .scripts
                .iter()
                .all(|script| script.state == ScriptState::Done)
        );
        if server.engine() == Engine::Sqlite {
            let nobody = matches!(execution.monitor, MonitorState::NotWatching(_));
            assert!(nobody, "{:?}", execution.monitor);
        }
        let record = case.latest();
        let kept: migrate_ops::execute::Execution = record.evidence("apply").unwrap().unwrap();
        assert_eq!(kept.committed, execution.committed);
        let finished = record.entries.iter().any(|entry| {
            matches!(&entry.what, What::StepFinished { step: Step::Apply, summary }
                if summary.starts_with("2 migrations applied, 3 statements"))
        });
        assert!(finished, "{record:#?}");
        assert_eq!(record.standing().unwrap(), Standing::Interrupted);
        let text = std::fs::read_to_string(record.folder().join("apply.json")).unwrap();
        assert!(!text.contains("4711") && !text.contains("Ann"), "{text}");

        let again = case.apply();
        assert_eq!(again.execution.outcome, ExecutionOutcome::NothingToDo);
    }
}

#[test]
fn two_runs_at_once() {
    for server in server::all() {
        let case = Case::new(&server, "twice").with("1_a.up.sql", "CREATE TABLE a (id int);");
        let first = case.begin();
        let error = RunState::create(&case.state(), &case.about()).unwrap_err();
        let said = error.to_string();
        assert!(
            said.contains(&format!("process {}", std::process::id())),
            "{said}"
        );
        drop(first);
        // With state directories of their own the migration lock keeps them apart.
        let other = case.beside();
        let (one, two) = std::thread::scope(|scope| {
            let one = scope.spawn(|| case.apply());
            let two = other.apply();
            (one.join().unwrap(), two)
        });
        let mut outcomes = [one.execution.outcome, two.execution.outcome];
        outcomes.sort_by_key(|outcome| format!("{outcome:?}"));
        let expected = [ExecutionOutcome::Done, ExecutionOutcome::NothingToDo];
        assert_eq!(outcomes, expected, "{one:#?} {two:#?}");
    }
}

#[test]
fn a_role_is_taken_on() {
    let Some(server) = server::postgres() else {
        return;
    };
    let case = Case::new(&server, "role").with("1_a.up.sql", "CREATE TABLE a (id int);");
    let role = format!("owner_{}", std::process::id());
    case.database.sql(&format!(
        "CREATE ROLE {role}; GRANT CREATE ON SCHEMA public TO {role}"
    ));
    let applied = case.apply_with(|options| options.role = Some(role.clone()));
    assert_eq!(
        applied.execution.outcome,
        ExecutionOutcome::Done,
        "{applied:#?}"
    );
    let owner = "SELECT tableowner FROM pg_tables WHERE tablename = 'a'";
    assert_eq!(case.database.sql(owner), role);
    let refused = case
        .beside()
        .apply_with(|options| options.role = Some("nobody".to_owned()));
    assert_eq!(refused.execution.outcome, ExecutionOutcome::Refused);
    case.database
        .sql(&format!("DROP OWNED BY {role}; DROP ROLE {role}"));
}
