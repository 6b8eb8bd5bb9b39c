//! A run that is killed with SIGKILL, at every point.

use std::os::unix::process::ExitStatusExt;
use std::process::Command;

use migrate_ops::event::{Event, Step};
use migrate_ops::execute::ExecutionOutcome;
use migrate_ops::run_state::{RunState, Standing, What};
use migrate_tests::server::{self, Engine};

use crate::case::Case;

const CHILD: &str = "EXECUTE_TEST_CHILD";

/// Not a test: the run that is killed, in a process of its own.
#[test]
#[ignore = "is run by another test, in a process of its own"]
fn child() {
    let Ok(text) = std::env::var(CHILD) else {
        return;
    };
    let (moment, url) = text.split_once(' ').unwrap();
    let moment: usize = moment.parse().unwrap();
    let folder = std::env::var("EXECUTE_TEST_FOLDER").unwrap();
    let state = std::env::var("EXECUTE_TEST_STATE").unwrap();
    let mut told = 0;
    let mut listener = |_: &Event<'_>| {
        told += 1;
        if told == moment {
            let pid = std::process::id().to_string();
            Command::new("kill").args(["-KILL", &pid]).status().unwrap();
            std::thread::sleep(std::time::Duration::from_secs(60));
        }
    };
    Case::child(url, &folder, &state, &mut listener);
}

/// Runs the child until it is killed; whether it was.
fn killed_at(case: &Case, moment: usize) -> bool {
    let status = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "killed::child", "--ignored", "--nocapture"])
        .env(CHILD, format!("{moment} {}", case.url))
        .env("EXECUTE_TEST_FOLDER", case.folder.path())
        .env("EXECUTE_TEST_STATE", case.state())
        .stdout(std::process::Stdio::null())
        .status()
        .unwrap();
    let killed = status.signal() == Some(9);
    assert!(killed || status.success(), "{status}");
    killed
}

#[test]
fn at_every_point_it_is_known_where_it_was_and_another_run_finishes() {
    for server in server::all() {
        let begin = match server.engine() {
            Engine::Mariadb => "",
            _ => "-- migrate:no-transaction\n",
        };
        let index = match server.engine() {
            Engine::Postgres => "CREATE INDEX CONCURRENTLY a_id ON a (id);",
            _ => "CREATE INDEX a_id ON a (id);",
        };
        let mut moment = 0;
        loop {
            moment += 1;
            let case = Case::new(&server, "killed")
                .with("1_a.up.sql", "CREATE TABLE a (id int);")
                .with(
                    "2_b.up.sql",
                    "INSERT INTO a VALUES (1);\nINSERT INTO a VALUES (2);",
                )
                .with(
                    "3_c.up.sql",
                    &format!("{begin}CREATE TABLE c (id int);\n{index}\nINSERT INTO c VALUES (3);"),
                );
            if !killed_at(&case, moment) {
                // There are so many things that it tells.
                assert!(moment > 20, "{moment}");
                break;
            }
            let record = RunState::latest(&case.state()).unwrap().unwrap();
            assert_eq!(
                record.standing().unwrap(),
                Standing::Interrupted,
                "{moment}"
            );
            let at = record.position();
            let last = record.entries.last().unwrap();
            assert!(
                at.step == Some(Step::Apply)
                    || moment == 1
                    || matches!(last.what, What::StepFinished { .. }),
                "{moment}: {at:?} {last:?}"
            );
            assert_eq!(record.broken_lines, 0);
            let again = case.apply();
            let execution = &again.execution;
            let good = [ExecutionOutcome::Done, ExecutionOutcome::NothingToDo];
            assert!(
                good.contains(&execution.outcome),
                "{:?} {moment}: {at:?} {execution:#?}",
                server.engine()
            );
            assert_eq!(
                case.database.sql("SELECT id FROM a ORDER BY id"),
                "1\n2",
                "{moment}"
            );
            assert_eq!(case.database.sql("SELECT id FROM c"), "3", "{moment}");
            // The state says which statement ran, and the next run goes on there.
            if let Some(script) = at.script.filter(|script| script.version == "3")
                && let Some(statement) = script.statement
            {
                // A statement that the server had done may not have been recorded yet; after the last
                // one nothing is left to do.
                let skipped = match execution.scripts.first() {
                    Some(first) => first.statements.iter().filter(|s| s.skipped).count(),
                    None => script.statements,
                };
                let range = statement.statement.saturating_sub(1)..=statement.statement;
                assert!(
                    range.contains(&skipped),
                    "{moment}: {statement:?} {execution:#?}"
                );
            }
        }
    }
}
