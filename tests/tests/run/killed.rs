//! `migrate run` killed with SIGKILL in every step: it is known where it was, the next run goes on,
//! nothing is lost, nothing is left lying about.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Stdio;
use std::thread::sleep;
use std::time::{Duration, Instant};

use migrate_ops::event::Step;
use migrate_ops::run_state::{RunState, Standing};
use migrate_tests::server::{self, Engine, Server, TestDatabase};
use serde_json::Value;
use tempfile::TempDir;

use crate::project::Project;

/// The steps, and after how many things that each tells of itself the run is killed: where a step takes
/// long, in its midst.
const MOMENTS: [(&str, usize); 6] = [
    ("analyse", 1),
    ("backup", 3),
    ("rehearse", 9),
    ("plan", 1),
    ("apply", 6),
    ("validate", 1),
];

/// A table with rows, and three migrations that are pending; the last is no transaction.
fn orders(server: &Server) -> (Project, TestDatabase) {
    let database = server.database("killed_run");
    let project = Project::empty(server.engine(), database.url());
    let (begin, index) = match server.engine() {
        Engine::Postgres => (
            "-- migrate:no-transaction\n",
            "CREATE INDEX CONCURRENTLY orders_note ON orders (note);",
        ),
        Engine::Mariadb => ("", "CREATE INDEX orders_note ON orders (note);"),
        Engine::Sqlite => (
            "-- migrate:no-transaction\n",
            "CREATE INDEX orders_note ON orders (note);",
        ),
    };
    let drop_index = match server.engine() {
        Engine::Mariadb => "DROP INDEX orders_note ON orders;",
        _ => "DROP INDEX orders_note;",
    };
    for (name, up, down) in [
        (
            "1_orders",
            "CREATE TABLE orders (id int PRIMARY KEY, note varchar(20));",
            "DROP TABLE orders;",
        ),
        (
            "2_lines",
            "CREATE TABLE order_lines (id int PRIMARY KEY, order_id int NOT NULL);",
            "DROP TABLE order_lines;",
        ),
        (
            "3_marks",
            "INSERT INTO orders VALUES (1001, 'mark');\nINSERT INTO orders VALUES (1002, 'mark');",
            "DELETE FROM orders WHERE id > 1000;",
        ),
        ("4_index", &format!("{begin}{index}"), drop_index),
    ] {
        project.write(&format!("migrations/{name}/up.sql"), up);
        project.write(&format!("migrations/{name}/down.sql"), down);
    }
    project.done(&["up", "--to", "1"]);
    let rows: Vec<String> = (1..=200).map(|id| format!("({id}, 'note {id}')")).collect();
    database.sql(&format!("INSERT INTO orders VALUES {}", rows.join(", ")));
    (project, database)
}

/// Where the command puts what it needs for a while; servers have users of their own.
fn temporary() -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let open = fs::Permissions::from_mode(0o711);
    fs::set_permissions(folder.path(), open).expect("an open directory");
    folder
}

/// Runs the command until it has told so much of a step, and kills it. Whether it had not ended.
fn killed_at(project: &Project, folder: &Path, step: &str, things: usize) -> bool {
    let events = project.path().join("events.jsonl");
    let mut child = project
        .command(&["run", "--events", "events.jsonl"])
        .env("TMPDIR", folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the command runs");
    let begun = Instant::now();
    let killed = loop {
        let told = fs::read_to_string(&events).unwrap_or_default();
        let told = told
            .lines()
            .filter_map(|line| serde_json::from_str(line).ok());
        // What is read before anything is applied is told as part of validating.
        let of_step = told
            .skip_while(|line: &Value| line["event"] != "step_started" || line["step"] != step)
            .filter(|line| line["step"] == step)
            .count();
        if of_step >= things {
            child.kill().expect("a process that can be killed");
            break true;
        }
        if child.try_wait().expect("a child").is_some() {
            break false;
        }
        assert!(
            begun.elapsed() < Duration::from_secs(120),
            "{step} is not reached"
        );
        sleep(Duration::from_millis(1));
    };
    child.wait().expect("a child");
    fs::remove_file(&events).expect("a file");
    killed
}

/// The processes that were begun with the command's temporary directory: as programs of the database
/// or as its servers.
fn processes(folder: &Path) -> Vec<String> {
    let text = folder.to_str().expect("UTF-8");
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let read = |file: &str| fs::read(entry.path().join(file)).unwrap_or_default();
        let line = String::from_utf8_lossy(&read("cmdline")).replace('\0', " ");
        let own = String::from_utf8_lossy(&read("environ")).contains(text) || line.contains(text);
        // One that has ended and was not waited for has no command line.
        if own && !line.is_empty() {
            found.push(line);
        }
    }
    found
}

#[test]
fn on_postgres() {
    server::postgres().iter().for_each(in_every_step);
}

#[test]
fn on_mariadb() {
    server::mariadb().iter().for_each(in_every_step);
}

#[test]
fn on_sqlite() {
    server::sqlite().iter().for_each(in_every_step);
}

fn in_every_step(server: &Server) {
    let engine = server.engine();
    for (step, things) in MOMENTS {
        let about = format!("{engine}, {step}, {things}");
        let (project, database) = orders(server);
        let folder = temporary();
        let killed = killed_at(&project, folder.path(), step, things);
        assert!(killed, "{about}: it had ended");

        let state = project.path().join(".migrate");
        let record = RunState::latest(&state).expect("a state").expect("a run");
        assert_eq!(
            record.standing().expect("a standing"),
            Standing::Interrupted,
            "{about}"
        );
        let said = project.ran(&["status"]).stderr;
        let position = record.position();
        let expected = format!("the run {} was interrupted: {position}", record.id);
        assert!(said.contains(&expected), "{about}: {said}");
        // What was told may have been overtaken by the next step before the signal came.
        let step: Step = serde_json::from_value(Value::from(step)).expect("a step");
        let is_there = position.step.is_none_or(|at| at >= step);
        assert!(is_there, "{about}: {position}");

        // Whatever ran for it ends by itself.
        let begun = Instant::now();
        while !processes(folder.path()).is_empty() {
            assert!(
                begun.elapsed() < Duration::from_secs(30),
                "{about}: {:?}",
                processes(folder.path())
            );
            sleep(Duration::from_millis(50));
        }

        let run = || {
            let mut command = project.command(&["run", "--format", "json"]);
            let command = command.env("TMPDIR", folder.path());
            command.output().expect("the command runs")
        };
        let mut again = run();
        if !again.status.success() {
            // A script that is no transaction was killed between its statements.
            let json: Value = serde_json::from_slice(&again.stdout).expect("JSON");
            assert_eq!(json["next"], "migrate resume", "{about}: {json:#}");
            project.done(&["resume"]);
            again = run();
        }
        let stderr = String::from_utf8_lossy(&again.stderr);
        assert!(again.status.success(), "{about}: {stderr}");
        let json: Value = serde_json::from_slice(&again.stdout).expect("JSON");
        let outcome = json["outcome"].as_str().expect("an outcome");
        assert!(
            ["succeeded", "nothing_to_do"].contains(&outcome),
            "{about}: {outcome}"
        );
        project.done(&["status", "--check"]);
        let said = project.ran(&["status"]).stderr;
        assert!(!said.contains("interrupted"), "{about}: {said}");

        let count = |sql: &str| database.sql(sql);
        assert_eq!(
            count("SELECT count(*) FROM orders WHERE id <= 200"),
            "200",
            "{about}"
        );
        assert_eq!(
            count("SELECT count(*) FROM orders WHERE note = 'mark'"),
            "2",
            "{about}"
        );
        let left: Vec<_> = fs::read_dir(folder.path())
            .expect("a directory")
            .map(|entry| entry.expect("an entry").file_name())
            .collect();
        assert!(left.is_empty(), "{about}: {left:?}");
        for backup in fs::read_dir(state.join("backups")).into_iter().flatten() {
            let backup = backup.expect("an entry").path();
            let name = backup.file_name().expect("a name").to_string_lossy();
            let is_whole = backup.join("backup.json").is_file() || !backup.is_dir();
            // Killed while it made a folder: nobody can know for a minute whether its owner lives.
            let is_new = name.starts_with(".new-")
                && fs::read_dir(&backup).is_ok_and(|mut it| it.next().is_none());
            assert!(is_whole || is_new, "{about}: {name} is left of a backup");
        }
    }
}
